"""What each way of working costs, and at which value of an assumption a conclusion turns."""
