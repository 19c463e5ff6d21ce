"""Groups of ``kg`` commands that stand in modules of their own, and what all commands share."""
