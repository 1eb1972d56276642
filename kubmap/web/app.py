"""What the app consists of: the menu script, the public routes beside it, headers for what Streamlit itself answers.

`app.py` at the top builds `st.App` from these, because `streamlit run` looks for that very call in the script.
"""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.config import get_option

from kubmap.web import deskroutes, exportroutes, login
from kubmap.web.headers import PageHeaders
from kubmap.web.routes import PublicRoutes
from kubmap.web.source import source

MENU = Path(__file__).parent / "pages" / "menu.py"
"""The script that Streamlit runs for every session; it only shows the chosen page.

No folder named `pages` may stand beside it: Streamlit would show the files in it as pages to whoever comes first.
"""


def routes() -> list[Route]:
    """The public routes over the source of this process, opened at the first request; then those of the editors."""
    public = PublicRoutes(source).routes(base=base_path())
    editors = [*login.routes(), *deskroutes.routes(), *exportroutes.routes()]
    return [*public, *_below(editors, base_path())]


def _below(routes: list[Route], base: str) -> list[Route]:
    """The routes, below the base path too: a proxy may pass on nothing else."""
    if not base:
        return routes
    return [*routes, *(Route(f"{base}{each.path}", each.endpoint, methods=each.methods) for each in routes)]


def base_path() -> str:
    """Streamlit's `server.baseUrlPath` with a slash before it; "" without."""
    found = str(get_option("server.baseUrlPath") or "").strip("/")
    return f"/{found}" if found else ""


def middleware() -> list[Middleware]:
    """Security headers on Streamlit's own answers; the public routes set theirs."""
    return [Middleware(PageHeaders)]
