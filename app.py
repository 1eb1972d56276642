"""The ASGI app: Streamlit pages and the public routes. `streamlit run app.py` and `uvicorn app:app` both work."""

import streamlit as st

from kubmap.web.app import MENU, middleware, routes

app = st.App(MENU, routes=routes(), middleware=middleware())
