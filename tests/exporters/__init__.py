"""Small programs that send what Kubernetes' exporters send; each one runs alone or inside a
test."""
