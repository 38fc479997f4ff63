"""What every page shares: navigation, page frame, filters, access, query cache, background jobs, security headers."""
