"""matching keys

Revision ID: 0029
Revises: 0028
Create Date: 2026-11-29 18:00:00.000000

"""
import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from alembic import op
import sqlalchemy as sa
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from sqlalchemy.dialects import postgresql
from text_unidecode import unidecode

# revision identifiers, used by Alembic.
revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

_BATCH = 1000
_UNLINKED = (
    ('companies', 'letters', 'letters_key'),
    ('companies', 'street', 'street_key'),
    ('contacts', 'letters', 'letters_key'),
    ('contacts', 'street', 'street_key'),
    ('contacts', 'birthday', 'birthday_key'),
)
_COMPANY_FIELDS = ('name', 'name_key', 'phone', 'street', 'city', 'postcode')
_CONTACT_FIELDS = ('first_name', 'last_name', 'phone', 'mobile', 'street', 'city', 'postcode', 'custom')


def _key(length: int) -> sa.String:
    return sa.String(length=length).with_variant(sa.String(length=length, collation='C'), 'postgresql')


def _json() -> Any:
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'frequencies',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('records', _json(), nullable=False),
        sa.Column('counts', _json(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_frequencies')),
    )
    for table in ('companies', 'contacts'):
        op.add_column(table, sa.Column('letters_key', _key(60), nullable=True))
        op.add_column(table, sa.Column('street_key', _key(60), nullable=True))
    op.add_column('contacts', sa.Column('birthday_key', _key(10), nullable=True))
    if op.get_bind().dialect.name == 'postgresql':
        # Others are at work, and would wait for it: the renewal of keys computes all of them afterwards, and 0051 has
        # the indexes that are used.
        return
    _fill('companies', _COMPANY_FIELDS, _of_company)
    _fill('contacts', _CONTACT_FIELDS, _of_contact)
    for table, name, column in _UNLINKED:
        op.create_index(f'ix_{table}_unlinked_{name}', table, [column], sqlite_where=sa.text('is_linked IS 0'))


def downgrade() -> None:
    for table, name, _ in _UNLINKED:
        op.drop_index(f'ix_{table}_unlinked_{name}', table_name=table, if_exists=True)
    op.drop_column('contacts', 'birthday_key')
    for table in ('companies', 'contacts'):
        op.drop_column(table, 'street_key')
        op.drop_column(table, 'letters_key')
    op.drop_table('frequencies')


def _fill(table: str, fields: tuple[str, ...], keys_of: Callable[..., dict[str, str | None]]) -> None:
    """Compute the keys of the records that are there."""
    bind = op.get_bind()
    query = sa.text(f'SELECT id, {", ".join(fields)} FROM {table} WHERE id > :after ORDER BY id LIMIT {_BATCH}')
    last = 0
    while rows := bind.execute(query, {'after': last}).all():
        last = rows[-1][0]
        keys = [{**keys_of(*row[1:]), 'id': row[0]} for row in rows]
        names = [name for name in keys[0] if name != 'id']
        bind.execute(sa.text(f'UPDATE {table} SET {", ".join(f"{name} = :{name}" for name in names)} WHERE id = :id'), keys)


def _of_company(
    name: str | None, name_key: str | None, phone: str | None, street: str | None, city: str | None, postcode: str | None
) -> dict[str, str | None]:
    words = [_number(word) for word in _plain(_without_bracket(name, name_key)).split() if word not in _LINKING]
    first = min(word[0] for word in words) if words else None
    return {
        'phone_key': _phone(phone),
        'place_key': _place(postcode or city, first),
        'letters_key': _letters(words),
        'street_key': _street(street),
    }


def _of_contact(
    first_name: str | None, last_name: str | None, phone: str | None, mobile: str | None,
    street: str | None, city: str | None, postcode: str | None, custom: Any,
) -> dict[str, str | None]:
    first, last = _plain(first_name), _plain(last_name)
    given = f'{first} {last}'.split()
    words = [_FULL.get(word, word) for word in ([word for word in given if word not in _PASSED_OVER] or given)]
    initials = None
    if first and last:
        initials = ''.join(sorted((words[0][0], words[-1][0]) if len(words) > 1 else (_FULL.get(first, first)[0], last[0])))
    return {
        'phone_key': _phone(phone or mobile),
        'initials_key': initials,
        'place_key': _place(postcode or city, initials),
        'letters_key': _letters(words),
        'street_key': _street(street),
        'birthday_key': _birthday(custom, words),
    }


def _without_bracket(name: str | None, name_key: str | None) -> str:
    """The name as it was matched, without a town in brackets behind it."""
    found = re.search(r'\(([^()\d]{3,})\)\s*\S*\s*$', name or '')
    key = name_key or ''
    return key.removesuffix(f' {_folded(found[1])}') if found else key


def _letters(words: list[str]) -> str | None:
    letters = ''.join(words).translate(_SOUNDS)
    for letter in 'lnstmrfkpdbg':
        letters = letters.replace(2 * letter, letter)
    if len(letters) < 4:
        letters = ''.join(words)
    return f"{min(words)[0]}/{''.join(sorted(letters))}"[:60] if letters else None


def _street(street: str | None) -> str | None:
    words = re.sub(r'(strasse|strase|str)\b', ' str', _plain(street)).split()
    kinds: list[str] = []
    number = ''
    for place, word in enumerate(words):
        if not word[0].isdecimal():
            if len(word) > 1 or place == 0 or not words[place - 1].isdecimal():
                kinds.append(_KINDS.get(_number(word), _number(word)))
        elif _number(word) != word:
            kinds.append(_number(word))
        elif not number:
            follows = words[place + 1] if place + 1 < len(words) else ''
            number = word + (follows if len(follows) == 1 and follows.isalpha() else '')
    name = ''.join(word for word in kinds if word not in _SHORT) or ''.join(kinds)
    letters = _letters([name]) if name and number else None
    return f'{number}/{letters}'[:60] if letters else None


def _birthday(custom: Any, words: list[str]) -> str | None:
    values = json.loads(custom) if isinstance(custom, str) else custom
    for name, value in (values or {}).items():
        digits = re.sub(r'\D', '', str(value)[:10]) if value and _BIRTH.search(name.lower()) else ''
        if digits:
            if len(digits) != 8:
                return None
            return f'{digits}/{min(word[0] for word in words)}' if words else digits
    return None


def _phone(phone: str | None) -> str | None:
    number = re.sub(r'(?i)(?<=\d)\s*(?:[,;]\s*' + _MARK + r'?|' + _MARK + r')\s*\d{1,5}\s*$', '', phone or '')
    digits = re.sub(r'\D', '', number)
    if re.match(r'\s*(?:\(?\s*\+|00)', number):
        digits = digits.lstrip('0')
        code = next((digits[:n] for n in (1, 2, 3) if digits[:n] and int(digits[:n]) in COUNTRY_CODE_TO_REGION_CODE), '')
        digits = digits[len(code):]
    digits = digits.lstrip('0')
    return digits[-9:] if len(digits) >= 6 else None


def _place(where: str | None, letters: str | None) -> str | None:
    place = _folded(where).replace(' ', '')
    return f'{place[:50]}/{letters}' if place and letters else None


def _number(word: str) -> str:
    found = re.match(r'^(\d+)(?:st|nd|rd|th|er|ere|eme)$', word)
    return found[1] if found else _NUMBERS.get(word, word)


def _plain(text: str | None) -> str:
    folded = _folded(unicodedata.normalize('NFC', text or '').lower().translate(_LETTERS))
    if not folded.isascii():
        folded = _folded(unidecode(folded))
    return re.sub(r'(?<=[aou])e', '', folded)


def _folded(text: str | None) -> str:
    """As it was folded when this was written."""
    decomposed = unicodedata.normalize('NFKD', text or '').translate(_UNSEEN).casefold()
    return re.sub(r'[\W_]+', ' ', ''.join(one for one in decomposed if not unicodedata.combining(one))).strip()[:300]


_MARK = r'(?:#|x|ext\.?|extension|dw|durchwahl|poste)'
_BIRTH = re.compile(r'birth|geburt|naissance|nascita|nacimiento|(?:^|[_.])(?:dob|bday)(?:$|_)')
_LETTERS = str.maketrans(
    {'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'þ': 'th', 'æ': 'ae', 'œ': 'oe', 'ı': 'i', 'ß': 'ss'}
)
_UNSEEN = str.maketrans(dict.fromkeys(map(ord, '\ufeff\u200b\u200c\u200d\u2060\u00ad')))
_SOUNDS = str.maketrans('cqzxvw', 'kkssff', 'aeiouyhj ')
_LINKING = frozenset("""
and und et y e the der die das le la les of fur de for
""".split())
_PASSED_OVER = frozenset("""
mr mrs ms miss dr prof sir dame herr frau ing dipl mag med phil mme mlle sr sra jr von van vom zu zur zum
der den de del della di da do dos das du la le ter ten af av el al jr junior jun sr senior sen ii iii iv
2nd 3rd
""".split())
_KINDS = dict(pair.split('=') for pair in """
strase=str strasse=str street=st saint=st avenue=av ave=av road=rd drive=dr lane=ln court=ct circle=cir
boulevard=blvd parkway=pkwy square=sq terrace=tce crescent=cres highway=hwy platz=pl place=pl north=n
south=s east=e west=w
""".split())
_SHORT = frozenset(_KINDS.values())
_NUMBERS = dict(pair.split('=') for pair in """
first=1 second=2 third=3 fourth=4 fifth=5 sixth=6 seventh=7 eighth=8 ninth=9 tenth=10 eleventh=11
twelfth=12 thirteenth=13 fourteenth=14 fifteenth=15 erste=1 zweite=2 dritte=3 vierte=4 funfte=5
premiere=1 premier=1 deuxieme=2 troisieme=3 primera=1 primero=1 segunda=2 segundo=2 tercera=3 tercero=3
""".split())
# A line is a name, perhaps as several languages write it, with the forms that it is shortened to.
_FORMS = """
abigail abby gail
abraham abe bram
adalbert bert adelbert
adelheid heidi heide
adrian ado
agnes nes
albert/alberto al bert bertie
alexander/alexandre/alessandro/alejandro/aleksander alex alec sandy sascha sasha xander aleks lex
alexandra alex sandra sandy sascha sasha lexi
alfred fred alf freddy fredi
alice ali
alison ali allie
amanda mandy
andreas/andrew andy andi drew
angela angie angelika angelica geli
anna anni annie
anthony/anton/antonio tony toni antoni
antonia toni tonia
arnold arnie arno
arthur art artur
august gus gustl augusto
barbara barb babs barbie babsi barbro bobbie
bartholomew bart bartek bartosz bartolomeo
benedikt/benedict ben benny
benjamin ben benny benji
bernard bernie bernhard bernd bernt
bernadette bernie detta
bertha berta
beatrice bea beatrix trixie
brigitte gitta britta gitte birgit biddy
bronislaw bronek
burkhard burkhart
cameron cam
camilla cam milla
caroline carol carrie carolina caro
cassandra cass cassie sandra
catherine/kathryn/katherine/katharina/catalina/caterina/katarzyna/kathleen cathy kate katie kathy kitty
catherine/kathryn/katherine/katharina/catalina/caterina/katarzyna/kathleen katrin kathrin kaethe kathe
catherine/kathryn/katherine/katharina/catalina/caterina/katarzyna/kathleen katja katya kata kasia cate
catherine/kathryn/katherine/katharina/catalina/caterina/katarzyna/kathleen cat kat
cecilia celia cilla sissy cecily
charles/karl charlie chuck chas carl charly
charlotte charlie lottie lotte lotta charly
christian chris christoph kris christiaan cristian
christine/christina/kristina chris tina stine chrissy christel
christine/christina/kristina cristina
christopher/christoph chris kit kris topher kristof christoffer stoffel
clara klara
claudia claude klaudia
clement clem klemens clemente
clifford cliff
cornelia conny nelly
cornelius cornel kees cor
constantin costa kosta
constance connie
cynthia cindy
cyril cyrille kirill
dagmar dagi
daniel dan danny dani danek
daniela dani danielle danka
david dave davy
deborah/debra deb debbie debora
dennis denis denny
dietrich dieter didi
dolores lola lolita
dominik dom nick dominic
donald don donnie
dorothea/dorothy doro dorothee dot dottie thea
douglas doug
eberhard ebi
eduard/edward/eduardo ed eddie edi ted ned teddy edek
edmund ed eddie edmond
edwin ed eddie
eleanor/eleonore/eleonora ellie nell leonore lenore
elisabeth lisa elizabeth liz lizzie beth betty betsy liza eliza lisbeth sissi
elisabeth libby lis babette bess bessie
emanuel/manuel manu emmanuel mano
emil emile
emilia emily emmi milly mia millie
emma emmy em
erich eric erik rick ricky eryk
erika erica rika ricky
ernst ernest ernie erno
esther hester ester
eugen/eugene gene
eva eve evi evita
felicitas fee felicity
felix feliks felice
ferdinand ferdi nando ferdy
florence flo florrie
florian flo flori
franz/francis/francesco/francisco franzl franek
franziska/frances/francesca franzi fran ziska sissy
frederick/friedrich/frederik/federico fred freddie fritz fredrik rick
friederike rike frederike fritzi
gabriel gabe gabi
gabriele/gabriela/gabriella gabi gaby
georg/george/giorgio jorg jurgen jorge jurek schorsch goran jork
gerald gerry jerry gerold
gerhard/gerard gerd gert gerrit hardy
gertrud/gertrude trude gerti trudi trudy
gilbert gil bert
giovanni gianni nino
gisela gisa gila
gottfried friedl godfrey
gregor/gregory greg
gunter gunther
guillermo memo
gustav gus gustave gustaf
harald harry hal
hedwig hedi hedda
heinrich/henry/henrik heiner heinz hendrik harry hank heino hal
helena helene helen nelly ellen
helmut hellmuth helmuth
henriette/harriet henni jette etta hetty
herbert bert herb herbie heribert
hermann herman
hildegard hilde hilda
holger holly
hubert bert hubertus huub
hugh hughie
ian iain
ignaz ignacio nacho ignatius
ingeborg inge inga
irene irena ira
irmgard irma irmi
isaac ike zak
jacob/jakob jake jack jim james kuba jaap cobus
jacqueline jackie jacky
james jim jimmy jem
jan janek jannik
janet jan
jaroslaw jarek
jason jay
jeffrey/geoffrey jeff geoff
jennifer jen jenny jenna
jeremy jerry
jessica jess jessie
joachim jochen jo achim chim
joanna jo hanna hanne jana asia
johann/johannes/john hans hannes hansi johnny jack jock hanns
jonathan jon jonny johnny
josef/joseph/jose/giuseppe joe sepp jo jupp joey pepe beppe
josephine/josefine jo josie fine josefa pepa
joshua josh
judith judy jutta
julia julie julietta jill
julius jules
karl carl
karoline line
kenneth ken kenny
kimberly kim kimmy
klaus claus nikolaus
konrad conrad kurt conny
kristian kris
ladislaus wladyslaw
laura lori
lawrence/laurence/lorenz larry lenz laurids
leonard/leonhard/leonardo leo len lenny
leopold leo poldi
leslie les
liam william
lillian lily lilly lil liliana
linda lynn lindy
lothar luther
louis lou louie ludo
louise lou lulu luise
lucia lucy luzie luzia
madeleine/magdalena maddie madeline leni lene magda
magdalena magda leni
manfred fred manni fredi
manuela manu manuella
margarete/margaret/margarita grete greta marge maggie meg peggy margot gretchen gretel rita
margarete/margaret/margarita gitta malgorzata gosia madge peg
martha patty
martin marty marten tino
martina tina marti
matilda tilda tilly maud tilde
matthias/matthew matt hias mathias matze mathieu mats matty mathis hiasl
maximilian max maxi maksymilian maxim
maureen mo
maurice moritz mauritz
melanie mel melly
melissa mel lissa missy
melvin mel
mercedes mercy
michael/miguel mike mick micha michi michel mischa mickey mitch mikhail
michaela micha michi mikaela shelly
miroslaw mirek
mitchell mitch
mohammed mohamed muhammad mohammad mo muhammed mahomet
monika moni monica
nadine nadja nadia nadya
natalie nat tasha
nathaniel nat nate
nicholas/nikolaus/nicolas nick nicky niko nikolai klaus mikolaj
nicholas/nikolaus/nicolas claus klaas nic
nicole nicky nic niki
norbert bert norb
oliver olli ollie oli
olivia liv livia ollie
oskar oscar ossi
otto odo
pamela pam pammy
patricia pat patty tricia trish patsy
patrick pat paddy padraig ricky patrik
paul pauli
penelope penny
peter pete piet peer petros
petra pet
philipp/philip phil filip pip
phyllis phyl
priscilla cilla
rachel rae
rainer reiner rayner rene
ralf ralph
raimund/raymond ray mundl raymund
randall randy
raphael rafael rafi raf rafal raffaele
rebecca becky rebekka becca
regina gina regine reggie
reinhard reini hardy reinhardt reinhart
reinhold reini
renate reni renata nate
richard/ricardo rick dick rich ricky richie
robert/roberto rob bob bobby robbie bert
roberta bobbie robbie
roderick rod
rodney rod
roger rog
roland rolly
ronald ron ronnie
rosemarie rosie rose romy rosi rosmarie
roswitha rosi
roxanne roxy
rudolf/rodolfo rudi rudy rudolph
russell russ
ruth ruthie
sabine bine sabina
salvatore sal toto turi
samantha sam sammy
samuel sam sammy
sandra sandy
sarah sara sadie sarina zara
sebastian basti seb bastian wastl sebastien sebastiano
sergei serge serhiy
severin sven
siegfried siggi sigi sigfried
siegmund siggi sigi sigmund
sigrid siri
simon sim
simone simona
solomon sol salomon
sophia sophie sofia fia zofia
stanislaus stan stano staszek
stanley stan
stefan/stephen/steven steve stephan steffen stevie
stefanie/stephanie steffi stephie stefania steph stefani
susanne/susan susi sue suzanne sanne susanna suzie suse sanna
sylvester sly
sylvia silvia silvie silja
tabea tabitha
tamara tammy tam mara
tatjana/tatiana tat
teresa/theresa tess tessa resi terry thea reese
terence terry terrence
thaddaus tad thaddeus
theodor/theodore theo ted teddy teo tudor
thomas tom tommy thom
timothy tim timmy timotheus timo
tobias tobi toby
ulrich uli ulli
ulrike uli rike ulli
ursula uschi ursel urschel orsolya
valentin val valentine
valerie val
vanessa nessa
verena vreni reni
veronika/veronica vroni ronnie nika roni
victor vic
victoria vicky vic tori
vincent/vincenzo vince vinzenz vinny
virginia ginny
vladimir vlad wladimir volodymyr
volker volkmar
waltraud traudl traudi
walter walt wally walther
werner warner
wilhelm/william willi will willy bill billy wim wilko
wilhelmine mina willa helma
wolfgang wolf wolfi
xaver xavi
yvonne yve ivonne
zacharias/zachary zach zack
"""
_FULL: dict[str, str] = {}
for _full, *_short in (line.split() for line in _FORMS.strip().splitlines()):
    for _form in (*_full.split('/'), *_short):
        _FULL.setdefault(_plain(_form), _plain(_full.split('/')[0]))
