"""By which words a field for a secret is known. It needs no browser; the page side (`web_listen.js`) is given them.

When in doubt a field is secret: its value is then asked for at a replay, a nuisance; a password on disk is worse.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from cua.core import SEAL

# the whole of a name
EXACT = ["pass", "pw", "pswd", "psw", "clave", "parola", "nip"]
# words of their own, in any place
WHOLE = [
    "pin", "pin code", "pincode", "cvv", "cvv2", "cvc", "cvc2", "csc", "cvn", "otp", "totp", "2fa", "mfa", "pwd",
    "passwd", "token", "secret", "secrets", "senha", "puk", "mdp",
]  # fmt: skip
# parts of words, or whole phrases
PART = [
    "password", "passphrase", "passcode", "pass code", "pass phrase", "private key", "secret key", "api key", "apikey",
    "access key", "security code", "verification code", "one time code", "one time password", "card number",
    "cardnumber", "cc number", "cc csc", "credit card no", "recovery code", "backup code", "social security",
    "passwort", "kennwort", "geheimnis", "geheimzahl", "kartennummer", "prüfziffer", "kartenprüfnummer",
    "sicherheitscode", "einmalcode", "zugangscode",
    "mot de passe", "code secret", "phrase secrète", "numéro de carte", "numéro de la carte", "cryptogramme",
    "code de sécurité", "code de vérification",
    "contraseña", "clave de acceso", "clave secreta", "código de seguridad", "número de tarjeta",
    "número de la tarjeta", "palavra passe", "código de segurança", "número do cartão", "número de cartão",
    "parola d'ordine", "codice di sicurezza", "numero carta", "numero di carta", "numero della carta", "codice segreto",
    "wachtwoord", "kaartnummer", "toegangscode", "beveiligingscode", "lösenord", "kortnummer", "säkerhetskod",
    "adgangskode", "kodeord", "passord", "sikkerhetskode", "salasana", "tunnusluku", "kortin numero",
    "hasło", "hasła", "numer karty", "kod zabezpieczający", "heslo", "číslo karty", "jelszó", "kártyaszám", "parolă",
    "parolanız", "şifre", "kart numarası", "güvenlik kodu", "κωδικός", "κωδικό", "αριθμός κάρτας",
    "пароль", "пароля", "номер карты", "секретн", "номер картки", "парола", "лозинка",
    "パスワード", "暗証番号", "カード番号", "セキュリティコード", "合言葉",
    "密码", "密碼", "口令", "卡号", "卡號", "安全码", "验证码", "驗證碼",
    "비밀번호", "암호", "카드 번호", "카드번호", "보안 코드", "인증번호",
    "كلمة المرور", "كلمة السر", "رقم البطاقة", "رمز التحقق",
    "סיסמה", "סיסמא", "מספר כרטיס", "पासवर्ड", "mật khẩu", "kata sandi", "รหัสผ่าน",
]  # fmt: skip

_WHOLE = re.compile(r"(?<![^\W\d_])(?:" + "|".join(map(re.escape, WHOLE)) + r")(?![^\W\d_])")
_PART = re.compile("|".join(map(re.escape, PART)))


def named_secret(name: str) -> bool:
    """Is a field of this name or label for a secret? As `web_listen.js` says it."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    plain = re.sub(r"[_\-.:\[\]\s]+", " ", spaced).strip().lower()
    return plain in EXACT or bool(_WHOLE.search(plain) or _PART.search(plain))


def without_secrets(url: str) -> str:
    """The address without a user and password, and with the values of parameters named like a secret sealed."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    sealed = parts._replace(netloc=host, query=_sealed(parts.query), fragment=_sealed(parts.fragment))
    return urlunsplit(sealed) if sealed != parts else url


def _sealed(query: str) -> str:
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)] if "=" in query else []
    if not any(named_secret(name) for name in names):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return "&".join(
        f"{quote(name)}={f'{SEAL}secret{SEAL}' if named_secret(name) else quote(value)}" for name, value in pairs
    )
