// Preloaded into a server that would listen on every address of the machine: it listens on loopback alone.
const net = require("node:net");

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
    const [first, second, ...more] = given;
    if (first !== null && typeof first === "object" && first.path === undefined) {
        return listen.call(this, { ...first, host: "127.0.0.1" }, ...given.slice(1));
    }
    if (typeof second === "string") return listen.call(this, first, "127.0.0.1", ...more);
    return listen.call(this, first, "127.0.0.1", ...given.slice(1));
};
