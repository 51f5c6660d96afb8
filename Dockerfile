# DOLFINx's own image with corohemo on top; not exercised by our tests.
FROM dolfinx/dolfinx:v0.11.0
RUN apt-get update && apt-get install -y --no-install-recommends \
    libglu1-mesa libxft2 libxcursor1 libxinerama1 libxrender1 && rm -rf /var/lib/apt/lists/*
COPY . /opt/corohemo
RUN python3 -m pip install --no-cache-dir /opt/corohemo
ENTRYPOINT ["corohemo"]
