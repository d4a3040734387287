"""Names of persons in Latin script, of nine cultures: given names with the forms they take, "
"family names, places, trades."""

from dataclasses import dataclass, field
from functools import cache
from itertools import product
from random import Random

# Given names, the frequent first; after a colon the forms the same name takes in other records.
_GIVEN = {
    "english": (
        "John:Jack,Johnny,Jno William:Bill,Will,Wm,Willie,Billy Thomas:Tom,Thos,Tommy "
        "James:Jim,Jas,Jimmy George:Geo "
        "Charles:Charlie,Chas,Chuck Robert:Bob,Rob,Robt,Bobby Henry:Harry,Hy Joseph:Joe,Jos "
        "Edward:Ned,Ted,Edw,Eddie "
        "Richard:Dick,Rich,Richd Samuel:Sam,Saml Frederick:Fred,Fredk Arthur:Art Alfred:Alf "
        "Walter:Walt,Wat David:Dave,Davy "
        "Francis:Frank Benjamin:Ben,Benj Daniel:Dan,Danl Alexander:Alex,Sandy,Alick "
        "Michael:Mike,Mick Peter:Pete "
        "Patrick:Pat,Paddy Hugh:Hughie Stephen:Steven,Steve Matthew:Matt,Mathew Andrew:Andy,Drew "
        "Philip:Phil,Phillip Edmund:Ned "
        "Ernest Albert:Bert Herbert:Bert,Herb Isaac:Ike Jacob:Jake Lawrence:Larry,Laurence Ralph "
        "Nicholas:Nick,Nicolas",
        "Mary:Polly,Molly,Marie,May Elizabeth:Betty,Lizzie,Eliza,Bess,Eliz,Beth Sarah:Sally,Sara "
        "Ann:Annie,Anne,Nancy,Anna "
        "Jane:Jenny,Janie Margaret:Maggie,Peggy,Meg,Margt,Daisy Alice:Ally Ellen:Nellie,Helen,Nell "
        "Emma:Em Hannah:Hanna,Nan "
        "Martha:Patty,Mattie Catherine:Kate,Kitty,Katherine,Cathy,Kathleen Harriet:Hattie "
        "Florence:Flo,Florrie Edith:Edie "
        "Emily:Em,Emmie Charlotte:Lottie,Lotte Susan:Susanna,Sue,Susannah Louisa:Louise,Lou "
        "Caroline:Carrie,Carolina "
        "Isabella:Isabel,Bella,Belle Agnes:Aggie Eleanor:Nell,Ellie,Elinor Rebecca:Becky "
        "Frances:Fanny Dorothy:Dolly,Dot "
        "Lucy:Lucie Ada Rose:Rosie,Rosa Bridget:Biddy,Delia Winifred:Winnie Gertrude:Gertie,Trudy "
        "Victoria:Vicky",
    ),
    "german": (
        "Johann:Johannes,Hans,Joh Friedrich:Fritz,Frederick,Friedr Wilhelm:Willi,William,Wilh "
        "Karl:Carl,Charles Heinrich:Heinz,Henry "
        "Georg:Jörg,George Hermann:Herrmann Otto Ludwig:Louis,Lutz Josef:Joseph,Sepp,Jos "
        "Franz:Francis,Frz Ernst:Ernest Paul "
        "Jakob:Jacob Christian:Chr Martin Peter:Petrus Konrad:Conrad,Kurt August:Gustl Gustav:Gustaf "
        "Matthias:Matthäus,Hias "
        "Anton:Toni,Antonius Michael:Michel Adam Philipp:Philip Rudolf:Rudolph,Rudi "
        "Theodor:Theo,Theodore Albrecht:Albert",
        "Maria:Mitzi,Marie,Mary Anna:Anni,Anne,Änne Elisabeth:Elise,Liesel,Elsbeth,Lisbeth "
        "Katharina:Käthe,Catharina,Trina "
        "Margarethe:Grete,Margareta,Gretchen Johanna:Hanna,Hanne Barbara:Babette,Bärbel Emma "
        "Wilhelmine:Minna,Mina Sophie:Sofie,Sophia "
        "Auguste:Augusta Martha:Marthe Luise:Louise Christine:Christina,Stine "
        "Magdalena:Lena,Magdalene Ida Theresia:Resi,Therese "
        "Dorothea:Dora,Dorothee Charlotte:Lotte Klara:Clara Helene:Lene,Helena Frieda:Frida "
        "Ursula:Uschi,Ursel",
    ),
    "french": (
        "Jean:Jehan,Jeannot Pierre:Pierrot Louis:Loys François:Francois,Franç Joseph:Jos "
        "Jacques:Jacquot Charles Antoine:Anthoine "
        "Étienne:Estienne Henri:Henry Guillaume:Guill Nicolas:Nicolle Michel Philippe:Philipe "
        "Claude:Glaude André:Andre René:Rene "
        "Georges:George Émile:Emile Auguste:Augustin Alexandre:Alex Victor Gustave Julien:Jules "
        "Mathieu:Matthieu",
        "Marie:Manon Jeanne:Jehanne,Jeannette Anne:Annette Marguerite:Margot,Margueritte "
        "Catherine:Cathérine Françoise:Francoise "
        "Louise:Loyse Madeleine:Magdeleine,Magdelaine Élisabeth:Isabelle,Elisabeth Thérèse:Therese "
        "Suzanne:Susanne Joséphine:Josephine "
        "Julie:Juliette Claire:Claire Rose:Rosalie Geneviève:Genevieve Hélène:Helene Adèle:Adele "
        "Sophie Augustine",
    ),
    "italian": (
        "Giovanni:Gianni,Gio,Giovan Giuseppe:Beppe,Peppino Antonio:Toni,Tonino "
        "Francesco:Franco,Cecco Luigi:Gigi,Aloisio "
        "Pietro:Piero Domenico:Mimmo,Menico Vincenzo:Enzo,Vicenzo Carlo Angelo:Agnolo Paolo Andrea "
        "Lorenzo:Renzo Michele "
        "Salvatore:Totò Nicola:Niccolò Bartolomeo:Bartolo Filippo:Pippo Giacomo:Jacopo,Iacopo Stefano",
        "Maria:Mariuccia Anna:Annina,Nina Teresa:Teresina Rosa:Rosina Caterina:Catterina,Rina Lucia "
        "Giuseppina:Pina,Giuseppa "
        "Angela:Angiola Francesca:Checca,Cecca Margherita:Rita Giovanna:Vanna Antonia:Tonia "
        "Elisabetta:Betta,Lisa Carolina:Lina Luigia:Gina",
    ),
    "spanish": (
        "José:Pepe,Jose,Josef Juan:Juanito Manuel:Manolo Antonio:Toño Francisco:Paco,Pancho,Fco "
        "Pedro:Perico Luis:Lucho Miguel "
        "Diego:Santiago Carlos Jesús:Chucho,Jesus Fernando:Hernando Ramón:Ramon Rafael:Rafa "
        "Andrés:Andres Joaquín:Joaquin,Quino",
        "María:Maria,Mari Isabel:Ysabel,Chabela Josefa:Pepa Carmen:Carmela Francisca:Paca,Fca Ana "
        "Juana:Juanita Teresa:Theresa "
        "Catalina:Cata Rosario:Charo Dolores:Lola Concepción:Concha,Concepcion Mercedes:Merche "
        "Antonia:Toña Manuela:Manola",
    ),
    "polish": (
        "Jan:Janek Józef:Jozef,Joseph Stanisław:Stanislaw,Staszek,Stanislaus Piotr:Peter "
        "Andrzej:Jędrzej,Andrew Wojciech:Adalbert,Wojtek "
        "Franciszek:Franz,Frank Antoni:Antek,Anton Jakub:Kuba,Jacob Michał:Michal,Michael "
        "Tomasz:Thomas Kazimierz:Casimir,Kazik "
        "Marcin:Martin Władysław:Wladyslaw,Ladislaus Ignacy:Ignatz Paweł:Pawel,Paul Mikołaj:Nicholas,Mikolaj",
        "Maria:Marianna,Marysia Anna:Hanna,Ania Katarzyna:Kasia,Catherine Zofia:Zosia,Sophia "
        "Agnieszka:Agnes Jadwiga:Hedwig "
        "Franciszka:Frances Barbara:Basia Ewa:Eva Magdalena:Magda Małgorzata:Malgorzata,Margaret "
        "Rozalia:Rosalie Wiktoria:Victoria Helena:Hela",
    ),
    "nordic": (
        "Johan:Johannes,Jon,John Anders:Andreas,Andrew Erik:Eric,Erich Lars:Laurentius,Lauritz "
        "Per:Peter,Peder,Pehr Carl:Karl "
        "Nils:Niels,Nels Olof:Ole,Olaf,Olav Jens:Jöns Hans Sven:Svend Gustaf:Gustav Mats:Mads,Matts "
        "Søren:Soren,Severin "
        "Christen:Kristen,Christian Knut:Knud,Canute Jørgen:Jorgen,George Rasmus:Erasmus August",
        "Anna:Anne,Ane Maria:Marie,Maren Kristina:Christina,Stina,Kirsten Karin:Karen,Catharina,Kari "
        "Margareta:Margrethe,Greta,Marit "
        "Brita:Birgitta,Birte,Britta Ingrid:Inger,Inga Elisabet:Elsa,Lisbet,Elisabeth Sofia:Sophie "
        "Ida Johanna:Hanna Kerstin:Kjersti Sigrid:Siri",
    ),
    "dutch": (
        "Jan:Johannes,Joannes,Johan Pieter:Petrus,Piet,Peter Cornelis:Kees,Cornelius,Cor "
        "Hendrik:Henricus,Henk Willem:Wilhelmus,Wim "
        "Jacob:Jacobus,Jaap Gerrit:Gerardus,Gerard Dirk:Theodorus,Diederik Adriaan:Adrianus,Arie "
        "Klaas:Nicolaas,Claes Maarten:Martinus "
        "Arend:Arent Teunis:Antonius,Anton Frans:Franciscus Simon:Sijmen Lambert:Lambertus",
        "Maria:Marijke,Mietje Anna:Antje,Annetje Johanna:Jannetje,Jantje Elisabeth:Lijsbeth,Betje "
        "Cornelia:Neeltje,Keetje "
        "Catharina:Trijntje,Catrina,Kaatje Margaretha:Grietje,Geertje Wilhelmina:Mina,Willemijntje "
        "Hendrika:Hendrikje,Rika Adriana:Ariaantje",
    ),
    "russian": (
        "Ivan:Iwan,Vanya Aleksandr:Alexander,Alexandre,Sasha Nikolai:Nikolay,Nicolas,Nikolaj "
        "Vasily:Wassily,Vasili,Wassilij "
        "Pyotr:Peter,Petr,Piotr Mikhail:Michail,Michael Dmitri:Dimitri,Dmitry,Dmitrij "
        "Aleksei:Alexey,Alexis,Alexej Sergei:Sergey,Serge "
        "Pavel:Paul Yakov:Jakov,Jacob Grigory:Grigori,Gregory Fyodor:Fedor,Theodor,Fjodor "
        "Andrei:Andrey,Andrej Yevgeny:Evgeny,Eugene",
        "Maria:Mariya,Masha Anna:Anya Yekaterina:Ekaterina,Katya,Catherine "
        "Aleksandra:Alexandra,Sasha Olga Yelena:Elena,Helena "
        "Natalya:Natalia,Natasha Sofya:Sofia,Sophie Tatyana:Tatiana,Tanya Nadezhda:Nadia,Nadya "
        "Vera:Wera Varvara:Barbara Praskovya:Pasha",
    ),
}

_STEMS = {
    "english": (
        "Ash Bar Brad Brook Bur Carl Clay Cross Dal Den East Fair Gar Green Hal Ham Har Hol Kirk "
        "Lang Mar Mid Nor Oak Pem Rad Red "
        "Rother Shel South Stan Stock Sut Thorn Wal War Wes Whit Win Wool",
        "ton ford ham ley wood well field by worth more den ridge land er",
    ),
    "german": (
        "Acker Bau Berg Birn Brand Brunn Dorn Eich Eisen Feld Fisch Frank Gold Grün Hart Hof Holz "
        "Kirch König Korn Krüg Lind Mühl Neu "
        "Ober Reich Rosen Schön Schwarz Stein Stroh Thal Vogel Wald Weiß Wind Wolf Zimmer",
        "mann er bach berg meyer hofer stein müller bauer inger feld ler",
    ),
    "french": (
        "Beau Ber Bou Char Cour Des Du Fon Four Gau Gir Lam Laf Lav Mar Mont Mor Per Pic Poi Ren Rou "
        "Sau Vau Vill",
        "ier ard eau et in champ mont val lot gnon son reau",
    ),
    "italian": (
        "Bel Ber Bian Bon Cas Col Con Fer Fon Gal Gen Lom Mar Mon Mor Pal Pel Ric Ros San Sar Tor "
        "Ven Vit Zan",
        "ini etti ucci one ardi elli ano ato oni otti aro",
    ),
    "spanish": (
        "Garc Mart Rodr Fern Lóp Gonz Sánch Pér Góm Mart Jim Ru Hern Dí Mor Muñ Álvar Rom Alons "
        "Gutiérr Navarr Torr Dom Vázqu Ram Gil "
        "Serran Blanc Molin Suár Ort Delgad Castr Rub Marín San Iglesi Núñ Medin Garr",
        "ez o a ales ín ar es",
    ),
    "polish": (
        "Kowal Wiśni Dąbrow Lewand Zieliń Szymań Woźni Kozłow Jankow Mazur Krawcz Piotr Grab Nowak "
        "Pawł Michal Adam Dud "
        "Wieczor Jabłoń Król Majew Olszew Stępi Malin Górk Witk Walcz",
        "ski owski ewicz czyk ak ewski iński",
    ),
    "nordic": (
        "Anders Erik Lars Pers Nils Ols Jens Hans Svens Mads Knuds Christens Jørgens Rasmus Johans "
        "Carls Peters Gustafs Bergs "
        "Linds Strøms Søders Hols",
        "on en son sen tröm dal",
    ),
    "dutch": (
        "Berg Bos Dijk Vries Jong Meer Haan Wit Groot Linden Broek Brink Heuvel Veen Laan Molen Kamp "
        "Horst Velde Ploeg Vliet "
        "Sluis Winkel Wal Zand",
        "en s er ink ma stra",
    ),
    "russian": (
        "Ivan Petr Sidor Smirn Kuznets Pop Sokol Lebed Kozl Nov Moroz Volk Solov Vasil Zaits Pavl "
        "Semyon Golub Vinograd "
        "Bogdan Vorob Fyodor Chaik Shcherbak Zhuk Tsvet Yakovl",
        "ov ev in sky enko ovich",
    ),
}
_PARTICLES = {
    "dutch": ("van ", "van der ", "de ", "van den "),
    "german": ("von ",),
    "french": ("de ", "Le "),
    "italian": ("De ", "Di "),
}
_CULTURES = {
    "english": 0.42,
    "german": 0.16,
    "french": 0.10,
    "italian": 0.07,
    "spanish": 0.06,
    "polish": 0.06,
    "nordic": 0.06,
    "dutch": 0.04,
    "russian": 0.03,
}

# Towns with their other names, region and its abbreviation, country.
_TOWNS = {
    "english": (
        "London:Middlesex:Mddx Manchester:Lancashire:Lancs Liverpool:Lancashire:Lancs "
        "Birmingham:Warwickshire:Warks Leeds:Yorkshire:Yorks "
        "Sheffield:Yorkshire:Yorks Bristol:Gloucestershire:Glos Norwich:Norfolk:Norf "
        "Exeter:Devon:Devon York:Yorkshire:Yorks "
        "Oxford:Oxfordshire:Oxon Cambridge:Cambridgeshire:Cambs Nottingham:Nottinghamshire:Notts "
        "Leicester:Leicestershire:Leics "
        "Reading:Berkshire:Berks Bath:Somerset:Som Derby:Derbyshire:Derbys Chester:Cheshire:Ches "
        "Lincoln:Lincolnshire:Lincs Truro:Cornwall:Corn "
        "Durham:Durham:Dur Plymouth:Devon:Devon Stockport:Cheshire:Ches Bolton:Lancashire:Lancs "
        "Whitby:Yorkshire:Yorks Wells:Somerset:Som",
        "England:Eng",
    ),
    "german": (
        "Köln/Cologne/Cöln:Rheinland:Rhld München/Munich:Bayern:Bay Nürnberg/Nuremberg:Bayern:Bay "
        "Berlin:Brandenburg:Brdbg "
        "Hannover/Hanover:Niedersachsen:Nds Stuttgart:Württemberg:Wttbg Dresden:Sachsen:Sa "
        "Leipzig:Sachsen:Sa Frankfurt:Hessen:Hess "
        "Mainz/Mayence:Hessen:Hess Ulm:Württemberg:Wttbg Trier/Treves:Rheinland:Rhld "
        "Augsburg:Bayern:Bay Kassel/Cassel:Hessen:Hess",
        "Germany:Deutschland",
    ),
    "french": (
        "Paris:Seine:Seine Lyon/Lyons:Rhône:Rhone Marseille/Marseilles:Provence:Prov "
        "Rouen:Normandie:Norm Strasbourg/Straßburg:Alsace:Als "
        "Bordeaux:Gironde:Gir Nantes:Bretagne:Bret Dijon:Bourgogne:Bourg "
        "Reims/Rheims:Champagne:Champ Tours:Touraine:Tour",
        "France:Fr",
    ),
    "italian": (
        "Roma/Rome:Lazio:Laz Firenze/Florence:Toscana:Tosc Milano/Milan:Lombardia:Lomb "
        "Napoli/Naples:Campania:Camp "
        "Torino/Turin:Piemonte:Piem Genova/Genoa:Liguria:Lig Venezia/Venice:Veneto:Ven "
        "Palermo:Sicilia:Sic Siena:Toscana:Tosc",
        "Italy:Italia",
    ),
    "spanish": (
        "Madrid:Castilla:Cast Sevilla/Seville:Andalucía:And Barcelona:Cataluña:Cat "
        "Valencia:Valencia:Val Zaragoza/Saragossa:Aragón:Ar "
        "Granada:Andalucía:And Toledo:Castilla:Cast Bilbao:Vizcaya:Viz",
        "Spain:España",
    ),
    "polish": (
        "Warszawa/Warsaw:Mazowsze:Maz Kraków/Cracow:Galicia:Gal Lwów/Lemberg:Galicia:Gal "
        "Poznań/Posen:Posen:Pos Gdańsk/Danzig:Pomorze:Pom "
        "Lublin:Lublin:Lub Wilno/Vilnius:Litwa:Lit",
        "Poland:Polska",
    ),
    "nordic": (
        "Stockholm:Uppland:Uppl Göteborg/Gothenburg:Västergötland:Vg "
        "København/Copenhagen:Sjælland:Sj Bergen:Hordaland:Hord "
        "Malmö:Skåne:Sk Uppsala/Upsala:Uppland:Uppl Odense:Fyn:Fyn Christiania/Oslo:Akershus:Ak",
        "Sweden:Sverige",
    ),
    "dutch": (
        "Amsterdam:Holland:Holl Rotterdam:Holland:Holl Den_Haag/The_Hague:Holland:Holl "
        "Utrecht:Utrecht:Utr Leiden/Leyden:Holland:Holl "
        "Groningen:Groningen:Gron Antwerpen/Antwerp/Anvers:Brabant:Brab",
        "Netherlands:Nederland",
    ),
    "russian": (
        "Moskva/Moscow/Moskau:Moskva:Msk Sankt-Peterburg/St_Petersburg:Ingria:Ingr "
        "Kiev/Kiew:Malorossiya:Mal Kazan/Kasan:Kazan:Kaz "
        "Odessa:Kherson:Kher Riga:Livonia:Livl",
        "Russia:Rossiya",
    ),
}
_VILLAGE_ENDS = {
    "english": "bury ton stead thorpe combe",
    "german": "dorf hausen heim au rode",
    "french": "ville court y ac",
    "italian": "ano ate ello",
    "spanish": "eda uela osa",
    "polish": "owo ice ów",
    "nordic": "by torp stad vik",
    "dutch": "dam drecht wijk",
    "russian": "ovo ino sk",
}
_TRADES = (
    "farmer/yeoman/husbandman labourer/laborer/ag_lab merchant/trader "
    "teacher/schoolmaster/schoolteacher physician/doctor/surgeon "
    "lawyer/attorney/solicitor clergyman/minister/priest blacksmith/smith carpenter/joiner "
    "tailor/dressmaker shoemaker/cordwainer/bootmaker "
    "baker miller soldier/private sailor/seaman/mariner clerk/bookkeeper painter/artist "
    "writer/author/poet engineer "
    "politician/member_of_parliament weaver/cotton_spinner servant/housemaid "
    "innkeeper/publican/hotelier butcher mason/stonemason "
    "musician/composer printer/typesetter miner/collier chemist/apothecary/druggist "
    "army_officer/officer/captain fisherman "
    "gardener/nurseryman watchmaker/clockmaker banker architect/builder"
)
OCCUPATIONS = tuple(tuple(words.split("/")) for words in _TRADES.split())


@dataclass(frozen=True)
class Place:
    """A town or village: its names (the first is today's), region, its abbreviation, country and "
    "its other name."""

    names: tuple[str, ...]
    region: str
    region_short: str
    country: tuple[str, ...] = field(default=())


def draw_culture(rng: Random) -> str:
    return rng.choices(list(_CULTURES), list(_CULTURES.values()))[0]


@cache
def given_names(culture: str, female: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Given names of a culture, the frequent first, each with its other forms."""
    entries = (entry.split(":") for entry in _GIVEN[culture][int(female)].split())
    return [(name, tuple(forms[0].split(",")) if forms else ()) for name, *forms in entries]


@cache
def family_names(culture: str) -> list[str]:
    """Family names of a culture in a fixed order, the frequent first."""
    stems, ends = (text.split() for text in _STEMS[culture])
    names = sorted({stem + end for stem, end in product(stems, ends)})
    Random(culture).shuffle(names)
    return names


@cache
def places(culture: str) -> list[Place]:
    """Places of a culture, the large first: its towns, then made-up villages of the same regions."""
    towns, countries = _TOWNS[culture]
    country = tuple(countries.split(":"))
    found = []
    for entry in towns.split():
        name, region, short = entry.split(":")
        found.append(Place(tuple(n.replace("_", " ") for n in name.split("/")), region, short, country))
    rng = Random(f"villages {culture}")
    stems, ends = _STEMS[culture][0].split(), _VILLAGE_ENDS[culture].split()
    villages = [Place((stem + end,), (r := rng.choice(found)).region, r.region_short, country)
                for stem, end in product(stems, ends)]  # fmt: skip
    rng.shuffle(villages)
    return found + villages


def falling(count: int, head: float, rng: Random) -> int:
    """A place in a list of so many, the first the likeliest: shares fall as 1 / (rank + head)."""
    top = (count + head) / head
    return min(int(head * (top ** rng.random() - 1)), count - 1)


def draw_given(culture: str, female: bool, rng: Random) -> str:
    names = given_names(culture, female)
    return names[falling(len(names), 4, rng)][0]


def draw_family(culture: str, rng: Random) -> str:
    names = family_names(culture)
    name = names[falling(len(names), 15, rng)]
    particles = _PARTICLES.get(culture)
    if particles and rng.random() < (0.5 if culture == "dutch" else 0.06):
        name = rng.choice(particles) + name
    return (
        f"{name} {names[falling(len(names), 15, rng)]}"
        if culture == "spanish" and rng.random() < 0.5
        else name
    )


def draw_place(culture: str, rng: Random) -> Place:
    known = places(culture)
    return known[falling(len(known), 8, rng)]


@cache
def other_forms() -> dict[str, tuple[str, ...]]:
    """Of each given name the other forms it takes."""
    kinds = product(_GIVEN, (False, True))
    return {name: forms for culture, female in kinds for name, forms in given_names(culture, female)}
