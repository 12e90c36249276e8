# A service that predicts, and nothing else: no torch, scikit-learn or librosa.
#
#   docker build -t mfccclf .
#   docker run --rm -p 127.0.0.1:8000:8000 mfccclf
#   docker run --rm -p 127.0.0.1:8000:8000 -v "$PWD/models:/models:ro" mfccclf serve /models/mine.mfccclf --host 0.0.0.0
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv /opt/mfccclf \
    && /opt/mfccclf/bin/pip install --no-cache-dir --no-deps /wheels/*.whl \
    && /opt/mfccclf/bin/pip install --no-cache-dir -c constraints.txt -r requirements-predict.txt \
    && /opt/mfccclf/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim
COPY --from=build /opt/mfccclf /opt/mfccclf
ENV PATH=/opt/mfccclf/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --system --no-create-home --uid 10001 mfccclf
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["mfccclf"]
# Inside the container only: what reaches it is said by docker run -p.
CMD ["serve", "names", "--host", "0.0.0.0"]
