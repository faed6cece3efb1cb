"""The Cloud Function: everything in this folder that `infra/source_zip.py` allows is the zip that runs."""
