"""The lab: experiment files in, results and pages out. The instrument never imports it."""
