"""Alerts on persistent volumes and claims. docs/runbooks/ has a page for each.

Each condition is a query that a panel of dashboards/volumes.py shows. Claims that pods may only
read are left out.
"""

from gk import alert, alert_group
from gk.library import kube_volumes, volumes

NEARLY_FULL = 0.85
FULL = 0.97
SOON = 4 * 86400

CLAIM = "{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }}"
SHARE = "{{ $value | humanizePercentage }}"

storage = alert_group(
    "volumes",
    [
        alert(
            "KubePersistentVolumeFillingUp",
            volumes.claim_used_share > FULL,
            for_="1m",
            severity="critical",
            summary=f"The volume of {CLAIM} is {SHARE} full",
            description=f"The volume of the claim {CLAIM} is {SHARE} full, and has been more than "
            "97% full for 1 minute. Programs that write to it fail when it is full.",
        ),
        alert(
            "KubePersistentVolumeFillingUp",
            (volumes.claim_used_share > NEARLY_FULL) & (volumes.claim_full_in < SOON),
            for_="1h",
            severity="warning",
            summary=f"The volume of {CLAIM} is {SHARE} full and fills within 4 days",
            description=f"The volume of the claim {CLAIM} is {SHARE} full. For 1 hour it has been "
            "more than 85% full, and at the rate of the last 6 hours it will be full within 4 "
            "days.",
        ),
        alert(
            "KubePersistentVolumeInodesFillingUp",
            volumes.claim_inodes_used_share > FULL,
            for_="1m",
            severity="critical",
            summary=f"The volume of {CLAIM} has used {SHARE} of its inodes",
            description=f"The volume of the claim {CLAIM} has used {SHARE} of its inodes, and has "
            "used more than 97% for 1 minute. Without inodes no file can be created, however much "
            "space is left.",
        ),
        alert(
            "KubePersistentVolumeInodesFillingUp",
            (volumes.claim_inodes_used_share > NEARLY_FULL) & (volumes.claim_inodes_full_in < SOON),
            for_="1h",
            severity="warning",
            summary=f"The volume of {CLAIM} has used {SHARE} of its inodes and runs out within 4 "
            "days",
            description=f"The volume of the claim {CLAIM} has used {SHARE} of its inodes. For 1 "
            "hour it has used more than 85%, and at the rate of the last 6 hours it will run out "
            "within 4 days.",
        ),
        alert(
            "KubePersistentVolumeErrors",
            kube_volumes.volume_errors > 0,
            for_="5m",
            severity="critical",
            summary="The persistent volume {{ $labels.persistentvolume }} is {{ $labels.phase }}",
            description="For 5 minutes the persistent volume {{ $labels.persistentvolume }} has "
            "been {{ $labels.phase }}"
            "{{ if $labels.name }}; its claim is "
            "{{ $labels.claim_namespace }}/{{ $labels.name }}{{ end }}. "
            "Pending means that it is not made yet, Failed that it could not be cleared after its "
            "claim was deleted.",
        ),
    ],
)
