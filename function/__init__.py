"""The Cloud Function. `infra/source_zip.py` packs this folder's allowed files into the zip that runs."""
