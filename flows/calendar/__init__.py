"""What is due when, given a moment: dates as people write them, and rhythms. Pure; the clock is passed in."""
