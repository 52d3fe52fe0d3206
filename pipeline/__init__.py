"""Photo in, photo out: a worker claims a job, one step is edited with one method, and the result is put back into the
photo."""
