"""What is known of the documents of Grafana and Prometheus, whoever made them."""
