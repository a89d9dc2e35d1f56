"""The processes behind the pages: workers on the queues, and the schedule that one of many acts on."""
