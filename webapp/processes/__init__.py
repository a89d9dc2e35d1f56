"""The processes behind the pages: queue workers, the schedule, and the supervisors that restart them."""
