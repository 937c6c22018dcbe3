# The service without torch, as a user of its own. It listens beyond loopback, so it starts only with a secret:
#
#   docker build -t liveroom .
#   docker run -p 8765:8765 -e LIVEROOM_SECRET="$(openssl rand -base64 32)" \
#     -v liveroom-data:/data -v ./my-room.toml:/rooms/room.toml:ro liveroom
#
# Tokens: docker exec CONTAINER liveroom token --room R --role moderator

FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY glossaries glossaries
COPY talk_scripts talk_scripts
COPY models models
COPY assistant assistant
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data liveroom \
    && install -d -o liveroom -g liveroom /data
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl && rm -r /wheels
ENV LIVEROOM_HOST=0.0.0.0 \
    LIVEROOM_PORT=8765 \
    LIVEROOM_DATA=/data \
    LIVEROOM_LOG_FORMAT=json \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1
USER liveroom
WORKDIR /data
VOLUME /data
EXPOSE 8765
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['LIVEROOM_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["liveroom"]
CMD ["serve", "--room", "/rooms/room.toml"]
