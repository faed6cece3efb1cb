"""What an operator watches in Google: metrics of the function's log, alerts, and a dashboard."""
