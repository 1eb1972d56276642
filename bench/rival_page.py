"""The page that st_folium users write: a map built at each run of the script. Run by bench.drawing."""

from __future__ import annotations

import sys

from streamlit_folium import st_folium

from bench.drawing import cluster_map

st_folium(cluster_map(int(sys.argv[1])), height=700, use_container_width=True)
