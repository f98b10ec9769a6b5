"""By which words a field for a secret is known, in some forty languages; for recorders, imports and pages alike. Data.

When in doubt a field is secret: its value is then asked for at a replay, a nuisance; a password on disk is worse.
"""

from __future__ import annotations

import re
import unicodedata

_EXACT = "pass pw pswd psw nip"
_WHOLE = """
    pin, pin code, pincode, cvv, cvv2, cvc, cvc2, csc, cvn, otp, totp, 2fa, mfa, pwd, passwd, token, secret, secrets,
    senha, puk, mdp, clave, parola, jeton, parool, geslo, zaporka, losungswort, токен, пин код
"""
_PART = """
    password, passphrase, passcode, pass code, pass phrase, private key, secret key, api key, apikey, access key,
    security code, verification code, one time code, one time password, card number, cardnumber, cc number, cc csc,
    credit card no, recovery code, backup code, social security,
    passwort, kennwort, geheimnis, geheimzahl, kartennummer, prüfziffer, kartenprüfnummer, sicherheitscode,
    einmalcode, zugangscode,
    mot de passe, code secret, phrase secrète, numéro de carte, numéro de la carte, cryptogramme, code de sécurité,
    code de vérification,
    contraseña, contrasenya, clave de acceso, clave secreta, código de seguridad, número de tarjeta,
    número de la tarjeta, palavra passe, código de segurança, número do cartão, número de cartão, pasahitza,
    parola d'ordine, codice di sicurezza, numero carta, numero di carta, numero della carta, codice segreto,
    wachtwoord, kaartnummer, toegangscode, beveiligingscode, lösenord, lösenfras, kortnummer, säkerhetskod,
    adgangskode, kodeord, passord, passvord, sikkerhetskode, lykilorð, salasana, tunnussana, tunnusluku,
    kortin numero, hasło, haslo, hasła, numer karty, kod zabezpieczający, heslo, číslo karty, jelszó, kártyaszám,
    parolă, parolanız, slaptažodis, fjalëkalimi, şifre, kart numarası, güvenlik kodu,
    κωδικός, κωδικό, συνθηματικό, αριθμός κάρτας,
    пароль, пароля, номер карты, секретн, номер картки, парола, лозинка, құпия сөз, գաղտնաբառ, პაროლი,
    パスワード, 暗証番号, カード番号, セキュリティコード, 合言葉, 密码, 密碼, 口令, 卡号, 卡號, 安全码, 验证码, 驗證碼,
    비밀번호, 암호, 카드 번호, 카드번호, 보안 코드, 인증번호,
    كلمة المرور, كلمة السر, رقم البطاقة, رمز التحقق, گذرواژه, رمز عبور, סיסמה, סיסמא, מספר כרטיס,
    पासवर्ड, গোপন, கடவுச்சொல், mật khẩu, kata sandi, kata laluan, รหัสผ่าน
"""


def folded(text: str) -> str:
    """Lower case, without accents. `web_listen.js` folds in the same way."""
    bare = (letter for letter in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", "".join(bare))


def _listed(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(" ".join(word.split())) for word in words.split(",")))


# the whole of a name; words of their own, in any place; parts of words, or whole phrases; all folded
EXACT, WHOLE, PART = tuple(_EXACT.split()), _listed(_WHOLE), _listed(_PART)
_whole = re.compile(r"(?<![^\W\d_])(?:" + "|".join(map(re.escape, WHOLE)) + r")(?![^\W\d_])")
_part = re.compile("|".join(map(re.escape, PART)))


def named_secret(name: str) -> bool:
    """Is a field of this name or label for a secret? As `web_listen.js` says it."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    plain = folded(re.sub(r"[_\-.:\[\]\s]+", " ", spaced).strip())
    return plain in EXACT or bool(_whole.search(plain) or _part.search(plain))
