"""Settings from the environment (KUBMAP_*); every field is documented in docs/settings.md (a test says so)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once by the edges (cli, web); the core takes values."""

    model_config = SettingsConfigDict(env_prefix="KUBMAP_", extra="ignore")

    home: Path = Field(Path("var"), description="Folder of the data that the app writes: database, secret, rejects.")
    port: int = Field(8501, ge=1, le=65535, description="Port that `kubmap serve` listens on.")
    host: str = Field("127.0.0.1", description="Address that `kubmap serve` listens on.")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the store (postgresql+psycopg://…); SQLite in KUBMAP_HOME when unset."
    )
    public_url: str = Field(
        "",
        pattern=r"^$|^https?://[^\s/]+(/[^\s]*[^\s/])?$",
        description="Address that readers reach the site at, without a slash at the end: links of feeds begin with it; "
        "http://127.0.0.1 with KUBMAP_PORT when unset.",
    )
    frame_ancestors: str = Field("*", description="CSP frame-ancestors of the map page: who may embed it.")
    secret: SecretStr | None = Field(
        None,
        description="Signs cookies and forms, 32 characters or more; made and kept in KUBMAP_HOME/secret when unset.",
    )
    session_idle_hours: float = Field(12, gt=0, description="Hours without use after which an editor logs in again.")
    session_days: float = Field(7, gt=0, description="Days after which an editor logs in again in any case.")
    oidc_editors: str = Field(
        "", description="E-mail addresses, by comma, that become editors at their first login by OIDC."
    )
    oidc_chiefs: str = Field(
        "", description="E-mail addresses, by comma, that become chief editors at their first login by OIDC."
    )
    fetch_allow: str = Field(
        "", description="Networks, by comma, that feeds may be fetched from although they are not public: 10.1.2.0/24."
    )
    fetch_ports: str = Field(
        "", description="Ports, by comma, that feeds may be fetched from besides 80, 443, 8080 and 8443."
    )
    pull_minutes: float = Field(
        0, ge=0, description="How often `kubmap serve` polls the feeds; 0: never (a cron job runs `kubmap pull`)."
    )
    log_level: str = Field("INFO", description="Level of the log: DEBUG, INFO, WARNING, ERROR.")

    @model_validator(mode="after")
    def _reached_here(self) -> Self:
        """Unset, the site is reached where it is served."""
        if not self.public_url:
            self.public_url = f"http://127.0.0.1:{self.port}"
        return self

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.database_url or f"sqlite:///{(self.home / 'kubmap.sqlite').resolve()}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process; tests clear them with `settings.cache_clear()`."""
    return Settings()
