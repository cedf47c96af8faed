"""A running Grafana: the only package that speaks its HTTP API.

From the bottom up:

    connection   where it is, and who gk is there; sends nothing
    client       requests and their errors
    live         what was read, in the form that is compared with resources
    objects      how each kind of object is read, written and deleted

Above it, gk.push decides what is written.
"""
