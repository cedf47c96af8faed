"""A running Grafana: the only package that speaks its HTTP API.

    connection   where it is, and who gk is there; sends nothing
    client       requests and their errors
    objects      how each kind of object is read, written and deleted
    live         what was read, in the form that is compared with resources
"""
