"""A running Grafana: the only package that speaks its HTTP API.

From the bottom up:

    connection   where it is, and who gk is there; sends nothing
    answers      what answers look like, and the check of it
    client       requests and their errors
    live         what was read, in the form that is compared with resources
    kinds        how each kind of object is read, written and deleted
    objects      a Grafana: who answers there, what is listed, and its objects

Above it, gk.push decides what is written.
"""
