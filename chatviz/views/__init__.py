"""What a reader sees, without a kernel: functions of runs that return a View."""
