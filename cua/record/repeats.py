"""Whether two fields that were given one text ask for the same thing, told by their labels alone. Data and one look-up.

Only what is plain counts: a field that says that it repeats another, and the names that a program knows a person by. A
quantity and a floor may both be 2, and two cities Berlin; those stay two.
"""

from __future__ import annotations

import re

from cua.secret_words import folded

# words that say of a field that it repeats another one
_AGAIN = """
    confirm confirmation repeat retype reenter verify again bestatigen bestatigung wiederholen wiederholung erneut
    nochmals confirmer confirmez repeter repetez confirmar confirme repetir repita conferma confermare ripeti ripetere
    bevestig bevestigen herhaal herhalen potwierdz powtorz bekrafta upprepa bekreft gjenta gentag vahvista toista
    onayla tekrar подтвердите подтверждение повторите повторно 確認 再入力 确认 重复 확인
"""
# what a program knows a person by
_PERSON = """
    email mail username userid login benutzername nutzername anmeldename mailadresse emailadresse identifiant courriel
    utilisateur correo usuario utilizador utente gebruikersnaam emailadres uzytkownika anvandarnamn epost epostadress
    brukernavn brugernavn kayttajatunnus sahkoposti eposta логин почта пользователя メール メールアドレス ユーザー名
    邮箱 用户名 이메일 아이디
"""
_FILLING = """
    your the a an my new or address name please ihre deine neue oder adresse votre nouvelle d de l ou nom su tu nuevo
    nueva o nombre electronico electronica seu sua nome nazwa adres uw je of ваш ваша имя адрес электронная
"""
_again, _person, _filling = (frozenset(words.split()) for words in (_AGAIN, _PERSON, _FILLING))
_ONE_WORD = ((r"\be[ -]mail", "email"), (r"\be[ -]post", "epost"), (r"\bre[ -](enter|type)", r"re\1"),
             (r"\buser[ _-]?(name|id)\b", "username"))  # fmt: skip


def same_thing(label: str, again: str) -> bool:
    """Whether the field called `again` asks once more for what the one called `label` was given."""
    first, second = _words(label), _words(again)
    asked, repeated = first - _filling - _again, second - _filling - _again
    if repeated and second & _again and repeated <= asked:
        return True
    return bool(asked and repeated) and asked | repeated <= _person


def _words(label: str) -> frozenset[str]:
    text = folded(label)
    for pattern, word in _ONE_WORD:
        text = re.sub(pattern, word, text)
    return frozenset(re.findall(r"[^\W\d_]+", text))
