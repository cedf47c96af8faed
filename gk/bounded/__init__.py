"""What strangers wrote, handled in bounded time and memory."""
