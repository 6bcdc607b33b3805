"""The queue of trainings that run detached from the studio."""
