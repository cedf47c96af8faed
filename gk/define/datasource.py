"""Data sources as definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from gk.define.arguments import checked
from gk.define.place import caller
from gk.define.reading import changed
from gk.documents.secrets.references import Secret
from gk.errors import Source

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Datasource"]

Access = Literal["proxy", "direct"]
Text = str | Secret
"""A setting that may be a reference to a secret."""


class Common(TypedDict, total=False):
    """Keyword arguments of data sources of every type."""

    access: Access
    """Whether Grafana's server asks the data source (`proxy`), or the viewer's browser."""
    default: bool
    """Whether it is the default: of Grafana, and of the project's dashboards and alerts."""
    basic_auth_user: Text
    """The user of HTTP's basic authentication; its password is `basicAuthPassword` in
    `secure_json_data`."""
    external: bool
    """Whether it is provisioned elsewhere, so that gk only refers to it."""


class CommonOfHttp(Common, total=False):
    """Keyword arguments of data sources without a user or database argument of their own."""

    user: Text
    """The user, for types that have one."""
    database: Text
    """The database, for types that have one."""
    secure_json_data: Mapping[str, Secret]
    """Secret options, under Grafana's names, as references to secrets."""


@dataclass(frozen=True, kw_only=True)
class Datasource:
    """A data source of any type that Grafana knows.

    `json_data` and `secure_json_data` are the options of the type, under Grafana's own names;
    values of `secure_json_data` are references to secrets. gk only refers to an `external` data
    source, which is provisioned elsewhere, and does not build it.
    """

    name: str
    type: str
    uid: str
    url: Text = ""
    access: Access = "proxy"
    default: bool = False
    user: Text = ""
    database: Text = ""
    basic_auth_user: Text = ""
    json_data: Mapping[str, Any] = field(default_factory=dict)
    secure_json_data: Mapping[str, Secret] = field(default_factory=dict)
    external: bool = False
    source: Source = field(default_factory=caller, compare=False)

    def __post_init__(self) -> None:
        # At once, so that everything that a definition does with it knows the environment's.
        change = changed(self.uid, self.name)
        for key in ("url", "uid", "name"):
            if given := getattr(change, key):
                object.__setattr__(self, key, given)

    @classmethod
    @checked
    def prometheus(
        cls,
        name: str,
        *,
        uid: str,
        url: Text = "",
        scrape_interval: str = "",
        http_method: Literal["GET", "POST"] = "POST",
        query_timeout: str = "",
        manage_alerts: bool = True,
        prometheus_type: Literal["", "Prometheus", "Mimir", "Cortex", "Thanos"] = "",
        prometheus_version: str = "",
        json_data: Mapping[str, Any] | None = None,
        **common: Unpack[CommonOfHttp],
    ) -> Datasource:
        """A Prometheus, or a server with the same API.

        `scrape_interval` is a Prometheus duration (Grafana's default: 15s); `$__rate_interval` is
        at least four times that. `query_timeout` is a duration. With `manage_alerts`, Grafana shows
        the rules of this Prometheus.
        """
        own = _given(
            httpMethod=http_method,
            timeInterval=scrape_interval,
            queryTimeout=query_timeout,
            prometheusType=prometheus_type,
            prometheusVersion=prometheus_version,
        )
        options = {"manageAlerts": manage_alerts, **own, **(json_data or {})}
        return cls(
            name=name,
            type="prometheus",
            uid=uid,
            url=url,
            json_data=options,
            **common,
        )

    @classmethod
    @checked
    def alertmanager(
        cls,
        name: str,
        *,
        uid: str,
        url: Text = "",
        implementation: Literal["prometheus", "mimir", "cortex"] = "prometheus",
        handle_grafana_alerts: bool = False,
        json_data: Mapping[str, Any] | None = None,
        **common: Unpack[CommonOfHttp],
    ) -> Datasource:
        """An Alertmanager. With `handle_grafana_alerts` Grafana may send its own alerts there."""
        own = _given(
            implementation=implementation, handleGrafanaManagedAlerts=handle_grafana_alerts
        )
        return cls(
            name=name,
            type="alertmanager",
            uid=uid,
            url=url,
            json_data={**own, **(json_data or {})},
            **common,
        )

    @classmethod
    @checked
    def loki(
        cls,
        name: str,
        *,
        uid: str,
        url: Text = "",
        max_lines: int = 0,
        json_data: Mapping[str, Any] | None = None,
        **common: Unpack[CommonOfHttp],
    ) -> Datasource:
        """A Loki. `max_lines` limits the log lines of a query; 0 keeps Grafana's default."""
        own = _given(maxLines=max_lines)
        return cls(
            name=name,
            type="loki",
            uid=uid,
            url=url,
            json_data={**own, **(json_data or {})},
            **common,
        )

    @classmethod
    @checked
    def tempo(
        cls,
        name: str,
        *,
        uid: str,
        url: Text = "",
        json_data: Mapping[str, Any] | None = None,
        **common: Unpack[CommonOfHttp],
    ) -> Datasource:
        """A Tempo."""
        return cls(name=name, type="tempo", uid=uid, url=url, json_data=json_data or {}, **common)

    @classmethod
    @checked
    def postgres(
        cls,
        name: str,
        *,
        uid: str,
        url: Text = "",
        database: Text = "",
        user: Text = "",
        password: Secret | None = None,
        sslmode: Literal["disable", "require", "verify-ca", "verify-full"] = "require",
        version: int = 0,
        json_data: Mapping[str, Any] | None = None,
        secure_json_data: Mapping[str, Secret] | None = None,
        **common: Unpack[Common],
    ) -> Datasource:
        """A PostgreSQL. `url` is host:port; `version` is Grafana's number for the server version,
        such as 1500 for 15."""
        # Newer Grafana reads the database from jsonData, 9.x and 10.x read it from the top level:
        # write both.
        own = _given(database=database, sslmode=sslmode, postgresVersion=version)
        return cls(
            name=name,
            type="postgres",
            uid=uid,
            url=url,
            user=user,
            database=database,
            json_data={**own, **(json_data or {})},
            secure_json_data={**_password(password), **(secure_json_data or {})},
            **common,
        )

    @classmethod
    @checked
    def mysql(
        cls,
        name: str,
        *,
        uid: str,
        url: Text = "",
        database: Text = "",
        user: Text = "",
        password: Secret | None = None,
        json_data: Mapping[str, Any] | None = None,
        secure_json_data: Mapping[str, Secret] | None = None,
        **common: Unpack[Common],
    ) -> Datasource:
        """A MySQL or MariaDB. `url` is host:port."""
        own = _given(database=database)
        return cls(
            name=name,
            type="mysql",
            uid=uid,
            url=url,
            user=user,
            database=database,
            json_data={**own, **(json_data or {})},
            secure_json_data={**_password(password), **(secure_json_data or {})},
            **common,
        )

    @property
    def ref(self) -> dict[str, str]:
        """The reference that dashboards and rules use."""
        return {"type": self.type, "uid": self.uid}


# Check the constructor that dataclass generates, too.
Datasource.__init__ = checked(Datasource.__init__)  # type: ignore[method-assign]


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in ("", 0, False)}


def _password(password: Secret | None) -> dict[str, Secret]:
    return {"password": password} if password else {}


DEFINITIONS = (Datasource,)
"""Types that are definitions on their own."""
