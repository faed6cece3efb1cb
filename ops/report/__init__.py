"""What a lead reads weekly, from the function's log or from Twilio, against the period before."""
