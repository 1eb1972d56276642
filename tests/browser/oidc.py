"""A stand-in for an OpenID Connect provider: who asks is logged in as `Provider.email` at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "kubmap"


@dataclass
class Provider:
    """Its address, and whom it lets in."""

    address: str
    email: str = "anna@kuban.example"
    verified: bool = True
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}))
    nonces: dict[str, str] = field(default_factory=dict)

    async def about(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = request.query_params
        code = f"code-{len(self.nonces)}"
        self.nonces[code] = asked.get("nonce", "")
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def token(self, request: Request) -> Response:
        form = await request.form()
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": self.email, "iat": now, "exp": now + 600,
            "nonce": self.nonces[str(form["code"])], "email": self.email, "email_verified": self.verified,
        }  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": signed})


@contextmanager
def provider(port: int) -> Iterator[Provider]:
    """The provider on a port of this machine."""
    made = Provider(f"http://127.0.0.1:{port}")
    routes = [
        Route("/.well-known/openid-configuration", made.about),
        Route("/keys", made.keys),
        Route("/authorize", made.authorize),
        Route("/token", made.token, methods=["POST"]),
    ]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield made
    server.should_exit = True
    thread.join(timeout=10)


def secrets(site: str, found: Provider) -> str:
    """What `.streamlit/secrets.toml` says of the provider."""
    return (
        f'[auth]\nredirect_uri = "{site}/oauth2callback"\ncookie_secret = "{"s" * 40}"\nclient_id = "{CLIENT}"\n'
        f'client_secret = "{"c" * 40}"\nserver_metadata_url = "{found.address}/.well-known/openid-configuration"\n'
    )
