"""Verifies report.intoto.json with securesystemslib: verify_envelope.py FOLDER KEY.pem THRESHOLD."""
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

folder, names, threshold = Path(sys.argv[1]), sys.argv[2:-1], int(sys.argv[-1])
keys = []
for name in names:
    public = load_pem_public_key(Path(name).read_bytes())
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    keys.append(SSlibKey.from_crypto(public, keyid=hashlib.sha256(der).hexdigest()))
envelope = Envelope.from_dict(json.loads((folder / "report.intoto.json").read_text()))
accepted = envelope.verify(keys, threshold)
digests = {subject["name"]: subject["digest"]["sha256"] for subject in json.loads(envelope.payload)["subject"]}
frame = hashlib.sha256((folder / "report.json.zst").read_bytes()).hexdigest()
assert digests["report.json.zst"] == frame, "another report"
print(len(accepted), "signatures hold")
