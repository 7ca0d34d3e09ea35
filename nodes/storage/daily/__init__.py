"""What a daily report is made of: the day as it is gathered, and the page it becomes."""
