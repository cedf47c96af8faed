"""HTTP to Grafana, Prometheus and forges: sessions with bounded answers, and mistakes of URLs.

Only gk.http.network imports requests: every command reads gk.yaml and checks its URLs, and most
need no HTTP.
"""
