"""What the coach says, in the forms that chats and files want."""
