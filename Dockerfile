# The studio for strangers: Photo, Live and Video, with no TensorFlow and nothing that trains. See docs/deploy.md.

FROM python:3.12-slim-bookworm AS build
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /build
COPY packaging/opencv-contrib-python packaging/opencv-contrib-python
COPY deploy/requirements.txt requirements.txt
RUN pip install --no-cache-dir -r requirements.txt

FROM python:3.12-slim-bookworm
COPY packages.txt /tmp/packages.txt
RUN apt-get update \
    && xargs apt-get install -y --no-install-recommends < /tmp/packages.txt \
    && rm -rf /var/lib/apt/lists/* /tmp/packages.txt \
    && useradd --create-home --uid 10001 mien
COPY --from=build /venv /venv
WORKDIR /mien
COPY LICENSE ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY core core
COPY webapp webapp
COPY models models
RUN install -d -o mien webapp/static
USER mien
# The allocator's three: the memory of uploads goes back to the machine once they are gone.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=1000000 \
    MALLOC_TRIM_THRESHOLD_=1000000 \
    MIEN_MODE=public
# Where the network is closed, the container fetches what is missing when it is first needed.
RUN python -m core fetch || true; python -m webapp.browser.runtime || true
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "webapp/Home.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.maxUploadSize=100"]
