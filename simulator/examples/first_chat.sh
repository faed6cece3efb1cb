# A chat falls silent: with nothing but curl. `python -m simulator` runs at $SIMULATOR.
SIMULATOR=${SIMULATOR:-http://127.0.0.1:8700}
CONTROL=$SIMULATOR/_simulator
CREDENTIALS=$(curl -sS $CONTROL/state | sed -E 's/.*"accountSid":"([^"]*)","authToken":"([^"]*)".*/\1:\2/')
twilio() { curl -sS --fail-with-body -u "$CREDENTIALS" "$@"; }

# Twilio's own API: ten minutes of silence make a chat inactive, and call this webhook.
twilio -o /dev/null $SIMULATOR/conversations/v1/Configuration -d DefaultInactiveTimer=PT10M
twilio -o /dev/null $SIMULATOR/conversations/v1/Configuration/Webhooks \
  -d PostWebhookUrl=http://127.0.0.1:8799/webhook -d Filters=onConversationStateUpdated -d Method=POST

# What only customers, agents and time can do: the control plane.
CHAT=$(curl -sS $CONTROL/chats -d '{"channel": "whatsapp", "stage": "assigned"}' |
  sed -E 's/.*"conversation":"([^"]*)".*/\1/')
curl -sS -o /dev/null $CONTROL/chats/$CHAT/messages -d '{"from": "customer", "body": "Where is my parcel?"}'
curl -sS -o /dev/null $CONTROL/chats/$CHAT/messages -d '{"from": "agent", "body": "What is your order number?"}'
curl -sS -o /dev/null $CONTROL/clock -d '{"advance": "PT10M"}'

# The conversation as Twilio's API shows it, and the webhook's parameters (logged, although nobody listens there).
twilio $SIMULATOR/conversations/v1/Conversations/$CHAT | grep -o '"state": "[a-z]*"'
curl -sS $CONTROL/deliveries | grep -oE '"(EventType|StateFrom|StateTo|Reason)":"[^"]*"'
