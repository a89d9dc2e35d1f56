"""Given names: which are forms of one another, and which exist at all.

Two names that both exist are two people; a name that does not exist, one letter beside one that does, is a
typing error. The names are compared as everything is, by `webapp.domain.records.keys.plain`.
"""

from webapp.domain.records.keys import plain

# A line is a name, perhaps as several languages write it, with the forms that it is shortened to. A short
# form may stand in several lines.
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

# Further names of which others are only a letter away.
_FURTHER = """
aaron adam adelaide adriano adrien agnese aidan aileen aisha alan alana alba albrecht alejandra aleksandra
alena alessandra alfredo alicia alina alma alva alvin amelie amina amir amy ana anders andre andrea andrei
andres andrzej anette angelina anita anja anke ann annabelle annalena anne annette annika anouk antje
antoine antoinette antonie anya armand armando armin arnaud arndt arne arturo ashley astrid auguste axel
ayse aysel bastian beate beatriz bella ben benedetto beniamino benoit bernardo bettina bill bjorn brad
brandon brent bret brian bridget brigitta bruce bruno bryan caleb camille carina carla carlo carlos carlotta
carmen carolin carsten cecile cedric celine cem chad chantal charlene cheryl chiara chloe christa christiane
christophe claire clare clemens colette colin connor constanze corinna cornelie corrado craig cristobal
daisy dale damian damon daniele danilo daphne darren daryl davide dawid dean deniz derek detlef diana diane
dina dirk domenico domingo dominique dora dorota dylan edgar edith edouard egon elaine elena elias elif
elinor elisabetta elise elke ella ellen elliot elmar elsa else elsie elvira elvis elzbieta emilie emilio
emine emre enno enrico enrique enzo erin ernesto erwin esteban ethan etienne eugenio evan evelyn ewa fabian
fabienne faith fanny fatima fatma felipe ferenc fernando filippo finn fiona flavia flora florentine
franciszek franco francois francoise frank frans frauke frederic frieda fryderyk gabriele gabrielle gavin
gemma georges georgia gerardo gina giovanni giulia giuliano giulio glen glenn gloria gordon grace grant
gregoire gregorio grzegorz gualtiero guglielmo guillaume guillermo gunnar hakan halil halina hamish hamza
hanna hannah hanne harold harriet hasan hatice hazel heike heiko hein helga helge helmut henning henri
henryk hope howard hugo ian ibrahim ida ilka ilker ilona ilse imke ines ingo ingrid irfan irina isa isabel
isabella isabelle isidor isidoro isla istvan ivan ivo ivy jacopo jacques jade jago jaime jakub jamie jan
jana jane janet janice janina janine jaqueline jared jarvis jasmin jasmine javier jayden jean jeanette
jeannine jenny jens jenson jeremias jerome jerzy jill jim joan joana joanne joao joaquin jodie joel joelle
johan johanna johannes john jolanda jolina jonah jonas jordan joris josip joyce jozef juan juanita jude
judit jule julian juliane julien juliette julio june jurgen justin justus kai kalle kamila kara karel karen
karin karla karol karolina karoline karsten kati katrina kay keira keith kelly kelvin kerry kerstin kevin
kilian kira kirsten klara konny konstantin konstanze kristin krystian krystyna krzysztof kyle lara larissa
larry lars lasse laszlo laure laurent laurie laurin lea leah leander leila lena leni lennart lennox leo leon
leona leonie leroy levi lewis lia liam lili lilian lilly lily lina linus lisa logan lola lore lorenzo loris
lorna lou luana luc luca lucas luciana lucie lucille ludwig luigi luis luisa luka lukas lukasz luke luna
lutz lydia lyle lynn mabel maciej madelaine mae maja malte mandy mara marc marcel marcella marcin marco
marcos marcus mareike marek maren marga margit marguerite maria marian mariana mariann marianne marie marika
marina marion marisa marius mariya marjorie mark markus marlene marlies marlon marnie marta martino marvin
mary maso mason massimiliano mateo mateusz mathilde matteo mattis mauricio maurizio may maya megan mehmet
meike melinda merle merlin mia michal michele michelle mika mikael mila milan milena milo mimi mina minna
mira miranda miriam miro mitzi molly mona monique morgan morris murat mustafa myra myriam nadja nan nancy
naomi natalia natascha natasha nathalie nathan neil nelly nelson nick nico nicola nicoletta nicolo niels
nigel nils nina noah noel nora norma norman olaf oleg olga olivier omar orhan orlando osman otis pablo paco
pancho paola paolo pascal patrice patrizia paula paulina pauline pavel pawel pedro per perry petar petr
philippe phoebe pia pierre pietro piotr polly quentin rachael rahel rainer ramon ramona randy raoul raphael
raquel raul ray reza rhys ria riccardo rita roan robin rocco rolando rolf romain roman romano ronaldo ronja
rory rosa rosemary ross roy ruby rudiger rudolf rufus rupert ruprecht ryan ryszard sally samira samuele
sandro sanja sasha saskia saverio scott seamus sean selina selma serena sergio seth shane shannon sharon
shaun sheila shirley sidney sienna silas silja silke silvester simeon simone sina sinan sofie sonia sonja
soren stanislaw stefano stella stuart sunny susann sven svenja sylvie szczepan szymon tadeusz tamar tania
tanja tanya tara tarik tatum taylor therese theresia till tilo tim timo tina tino toby todd tom tomas tomasz
tommaso tony torben torsten tracey tracy travis trent trevor trina troy udo ulf ulla ute uwe valentina
valentino valeria vera verena vernon vicente viktor viktoria vilmos viola vittoria vittorio vivian vivien
wade wanda warren wayne wendy wiebke wiktor wiktoria wilhelm willem william wilma wlodzimierz xavier xenia
yara yasmin yusuf yves zoe zoey zuzanna
"""

_LINES = [line.split() for line in _FORMS.strip().splitlines()]


def _full_names() -> dict[str, frozenset[str]]:
    """By short form, the names that it may stand for."""
    found: dict[str, set[str]] = {}
    for full, *short in _LINES:
        for form in short:
            found.setdefault(plain(form), set()).update(map(plain, full.split("/")))
    return {form: frozenset(names) for form, names in found.items()}


_FULL_NAMES = _full_names()
_NONE: frozenset[str] = frozenset()

KNOWN: frozenset[str] = (
    frozenset(_FULL_NAMES)
    | frozenset().union(*_FULL_NAMES.values())
    | frozenset(map(plain, _FURTHER.split()))
)
"""Names that exist."""


def is_short_for(short: str, full: str) -> bool:
    """Whether a name is a form of another: Bob of Robert. Bob and Rob may be two people."""
    return full in _FULL_NAMES.get(short, _NONE)


def share_a_name(a: str, b: str) -> bool:
    """Whether two short forms may stand for one name."""
    return not _FULL_NAMES.get(a, _NONE).isdisjoint(_FULL_NAMES.get(b, _NONE))
