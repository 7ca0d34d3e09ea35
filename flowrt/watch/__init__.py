"""What is going on: statuses, faults, alarms and set-points written."""
