//! What became of a PDF after it was signed, and the ways of forging one
//! (`ades/src/validate/{pdf,changes}`, `ades/src/validate/facts/document.rs`).

pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "the cross-reference data of revision {} places object {} twice",
        "la table des références de la révision {} place l’objet {} deux fois",
    ),
    (
        "offsets lead to two different structures, counted from the header and from the first byte",
        "les positions mènent à deux structures différentes, comptées depuis l’en-tête et depuis le premier octet",
    ),
    (
        "there are objects before the header, which only some readers see",
        "des objets précèdent l’en-tête, que seuls certains lecteurs voient",
    ),
    (
        "a key of {} stands there twice, with different values",
        "une clé de {} s’y trouve deux fois, avec des valeurs différentes",
    ),
    (
        "a key of object {} stands there twice, with different values",
        "une clé de l’objet {} s’y trouve deux fois, avec des valeurs différentes",
    ),
    ("the trailer", "la fin du fichier (trailer)"),
    ("the catalog", "le catalogue"),
    ("the page tree", "l’arbre des pages"),
    ("the form", "le formulaire"),
    ("page {}", "la page {}"),
    ("page object {}", "l’objet de page {}"),
    ("a page", "une page"),
    ("the resources of page {}", "les ressources de la page {}"),
    (
        "the form's /Fields was removed",
        "/Fields du formulaire a été supprimé",
    ),
    ("/{} of the form was set", "/{} du formulaire a été ajouté"),
    (
        "/{} of the form was changed",
        "/{} du formulaire a été modifié",
    ),
    (
        "something else than a reference was added",
        "autre chose qu’une référence a été ajouté",
    ),
    (
        "object {}, no field and no annotation, was added",
        "l’objet {}, ni champ ni annotation, a été ajouté",
    ),
    (
        "{} was added, which calls itself a signature field and has /{}",
        "{} a été ajouté, qui se dit champ de signature et possède /{}",
    ),
    ("page {} was added", "la page {} a été ajoutée"),
    (
        "{}, a form field that was not there, was added",
        "{}, un champ de formulaire qui n’y était pas, a été ajouté",
    ),
    (
        "{}, no signature field, was added",
        "{}, qui n’est pas un champ de signature, a été ajouté",
    ),
    (
        "an element was removed or moved",
        "un élément a été supprimé ou déplacé",
    ),
    (
        "a document time-stamp was added (field {})",
        "un horodatage du document a été ajouté (champ {})",
    ),
    (
        "the document was signed in a new field {}",
        "le document a été signé dans un nouveau champ {}",
    ),
    (
        "an empty signature field {} was added",
        "un champ de signature vide {} a été ajouté",
    ),
    (
        "the new signature field {} ({}) shows something on {}",
        "le nouveau champ de signature {} ({}) affiche quelque chose sur {}",
    ),
    (
        "the signature in field {} was replaced or removed",
        "la signature du champ {} a été remplacée ou supprimée",
    ),
    (
        "field {} was signed with an object that was there",
        "le champ {} a été signé avec un objet qui existait déjà",
    ),
    (
        "a document time-stamp was made in field {}",
        "un horodatage du document a été fait dans le champ {}",
    ),
    ("field {} was signed", "le champ {} a été signé"),
    (
        "field {} was filled in: {} became {}",
        "le champ {} a été rempli : {} est devenu {}",
    ),
    ("field {} was filled in", "le champ {} a été rempli"),
    (
        "/{} of field {} ({}) was changed",
        "/{} du champ {} ({}) a été modifié",
    ),
    (
        "field {} now shows object {} of the document",
        "le champ {} affiche maintenant l’objet {} du document",
    ),
    (
        "field {} shows {}, and its value is {}",
        "le champ {} affiche {}, et sa valeur est {}",
    ),
    (
        "the signature field {} ({}), which nobody signed, shows something else",
        "le champ de signature {} ({}), que personne n’a signé, affiche autre chose",
    ),
    (
        "the button {} shows something else",
        "le bouton {} affiche autre chose",
    ),
    ("a picture", "une image"),
    ("something else than before", "autre chose qu’auparavant"),
    ("another value", "une autre valeur"),
    (
        "object {} lies after the end of the revision that refers to it",
        "l’objet {} se trouve après la fin de la révision qui y renvoie",
    ),
    (
        "object {} cannot be read: {}",
        "l’objet {} est illisible : {}",
    ),
    ("/{} of {} was changed", "/{} de {} a été modifié"),
    (
        "/Annots of {} was replaced by another object",
        "/Annots de {} a été remplacé par un autre objet",
    ),
    ("/Annots of {} was changed", "/Annots de {} a été modifié"),
    (
        "an annotation ({}, {}) was {} on {}",
        "annotation ({}, {}) : {}, sur {}",
    ),
    ("added", "ajoutée"),
    ("changed", "modifiée"),
    ("removed", "supprimée"),
    ("{}, which {}", "{}, qui {}"),
    ("acts when it is used", "agit quand on s’en sert"),
    (
        "may hide or imitate what is on the page",
        "peut cacher ou imiter ce qui est sur la page",
    ),
    ("draws text or pictures", "dessine du texte ou des images"),
    ("covers what is under it", "couvre ce qui est dessous"),
    (
        "bytes that belong to no revision were appended to the file",
        "des octets qui n’appartiennent à aucune révision ont été ajoutés au fichier",
    ),
    (
        "objects that belong to no revision were appended to the file",
        "des objets qui n’appartiennent à aucune révision ont été ajoutés au fichier",
    ),
    (
        "there are objects after the last %%EOF, which readers that repair files show",
        "des objets suivent le dernier %%EOF, que montrent les lecteurs qui réparent les fichiers",
    ),
    (
        "the trailer's /Root was replaced: the file shows another document",
        "/Root a été remplacé : le fichier montre un autre document",
    ),
    (
        "the trailer's /Encrypt was replaced",
        "/Encrypt a été remplacé",
    ),
    (
        "object {} was added, and the signed document referred to it already",
        "l’objet {} a été ajouté, et le document signé y renvoyait déjà",
    ),
    ("object {} was removed", "l’objet {} a été supprimé"),
    (
        "object {} was exchanged for another one that lay hidden in the signed file",
        "l’objet {} a été échangé contre un autre, caché dans le fichier signé",
    ),
    (
        "the metadata (XMP) were replaced",
        "les métadonnées (XMP) ont été remplacées",
    ),
    ("array {} was changed", "le tableau {} a été modifié"),
    (
        "the content of stream {} was replaced",
        "le contenu du flux {} a été remplacé",
    ),
    ("object {} was changed", "l’objet {} a été modifié"),
    (
        "the document security store refers to object {} of the document",
        "le magasin de sécurité (DSS) renvoie à l’objet {} du document",
    ),
    (
        "a later version or an extension of PDF was declared",
        "une version ultérieure ou une extension de PDF a été déclarée",
    ),
    (
        "the form was replaced by another object",
        "le formulaire a été remplacé par un autre objet",
    ),
    ("the form was removed", "le formulaire a été supprimé"),
    (
        "the catalog leads to other pages",
        "le catalogue mène à d’autres pages",
    ),
    (
        "layers (/OCProperties) were shown or hidden",
        "des calques (/OCProperties) ont été affichés ou cachés",
    ),
    (
        "/{} of the catalog was changed",
        "/{} du catalogue a été modifié",
    ),
    (
        "validation data (/DSS) was added: {} objects",
        "des données de validation (/DSS) ont été ajoutées : {} objets",
    ),
    (
        "/{} of the document information was changed",
        "/{} des informations du document a été modifié",
    ),
    (
        "/{} of the document information was set",
        "/{} des informations du document a été ajouté",
    ),
    (
        "a dictionary of the document's structure was replaced",
        "un dictionnaire de la structure du document a été remplacé",
    ),
    (
        "it was removed from the document by a later revision",
        "elle a été retirée du document par une révision ultérieure",
    ),
    (
        "the signature dictionary cannot be located: {}",
        "le dictionnaire de signature est introuvable : {}",
    ),
    (
        "the field's value is no dictionary",
        "la valeur du champ n’est pas un dictionnaire",
    ),
    (
        "a key of the signature dictionary is there twice",
        "une clé du dictionnaire de signature s’y trouve deux fois",
    ),
    ("/Contents is empty", "/Contents est vide"),
    (
        "/Contents is missing or no string",
        "/Contents manque ou n’est pas une chaîne",
    ),
    ("/ByteRange is missing", "/ByteRange manque"),
    (
        "/ByteRange is not two pairs of offset and length",
        "/ByteRange n’est pas formé de deux paires de position et longueur",
    ),
    (
        "/ByteRange exceeds the file",
        "/ByteRange dépasse le fichier",
    ),
    (
        "/ByteRange exceeds the file or overlaps itself",
        "/ByteRange dépasse le fichier ou se recouvre lui-même",
    ),
    (
        "the file's structure is damaged, so its revisions cannot be told: {}",
        "la structure du fichier est endommagée, on ne peut donc en distinguer les révisions : {}",
    ),
    (
        "{} bytes without a usable structure follow what was signed",
        "{} octets sans structure utilisable suivent ce qui a été signé",
    ),
    (
        "/ByteRange does not begin at the file's first byte",
        "/ByteRange ne commence pas au premier octet du fichier",
    ),
    (
        "the gap in /ByteRange is not exactly /Contents",
        "la lacune de /ByteRange n’est pas exactement /Contents",
    ),
    (
        "/Contents, which is not signed, is not written in hexadecimal",
        "/Contents, qui n’est pas signé, n’est pas écrit en hexadécimal",
    ),
    (
        "what /ByteRange covers does not end where a revision ends",
        "ce que /ByteRange couvre ne finit pas où finit une révision",
    ),
];

pub(super) const HINTS: &[(&str, &str)] = &[
    (
        "look at the document as it was signed: --extract-revision; --diff tells what was changed",
        "regardez le document tel qu’il a été signé : --extract-revision ; --diff dit ce qui a été modifié",
    ),
    (
        "nobody signed this field; ask the signer for the document as it was signed",
        "personne n’a signé ce champ ; demandez au signataire le document tel qu’il a été signé",
    ),
    (
        "look at the document as it was signed: --extract-revision",
        "regardez le document tel qu’il a été signé : --extract-revision",
    ),
    (
        "look at the document as it was signed (--extract-revision), and ask who prepared it",
        "regardez le document tel qu’il a été signé (--extract-revision), et demandez qui l’a préparé",
    ),
    (
        "look at the document without it: --extract-revision",
        "regardez le document sans elle : --extract-revision",
    ),
    (
        "look at the document without it: --extract-revision; further signatures are made in fields that were there, or invisible",
        "regardez le document sans elle : --extract-revision ; d’autres signatures se font dans des champs déjà présents, ou invisibles",
    ),
    (
        "readers differ in which value counts; ask for a document that can be read in one way",
        "les lecteurs diffèrent sur la valeur qui compte ; demandez un document qui ne se lise que d’une façon",
    ),
    (
        "readers differ in which object they show; ask for a document that can be read in one way",
        "les lecteurs diffèrent sur l’objet qu’ils montrent ; demandez un document qui ne se lise que d’une façon",
    ),
    (
        "readers differ in where the file begins; ask for a document that begins with its header",
        "les lecteurs diffèrent sur le début du fichier ; demandez un document qui commence par son en-tête",
    ),
    (
        "readers that repair files would show them; ask for the document as it was signed",
        "les lecteurs qui réparent les fichiers les montreraient ; demandez le document tel qu’il a été signé",
    ),
    (
        "ask who removed it; --extract-revision gives the document with it",
        "demandez qui l’a retirée ; --extract-revision donne le document avec elle",
    ),
];

/// Why the structure of a file cannot be used, as `pdf-file` says it.
pub(super) const DAMAGE: &[(&str, &str)] = &[
    (
        "unusable cross-reference section at offset {}: {}",
        "section de références croisées inutilisable à la position {} : {}",
    ),
    (
        "malformed object at offset {}: expected {}",
        "objet mal formé à la position {} : il aurait fallu {}",
    ),
    (
        "damaged beyond repair: {}; a scan of the whole file found {}",
        "irréparable : {} ; la lecture du fichier entier a trouvé {}",
    ),
    ("this is not a PDF: {}", "ce n’est pas un PDF : {}"),
    ("damaged page tree: {}", "arbre des pages endommagé : {}"),
    (
        "/Encrypt is no dictionary",
        "/Encrypt n’est pas un dictionnaire",
    ),
    ("`startxref` without a number", "`startxref` sans nombre"),
    ("`trailer` was expected", "`trailer` était attendu"),
    (
        "a subsection header is malformed",
        "un en-tête de sous-section est mal formé",
    ),
    (
        "a subsection header or `trailer` was expected",
        "un en-tête de sous-section ou `trailer` était attendu",
    ),
    ("an empty chain", "une chaîne vide"),
    ("an entry is malformed", "une entrée est mal formée"),
    (
        "an entry is neither `n` nor `f`",
        "une entrée n’est ni `n` ni `f`",
    ),
    (
        "an object number is out of range",
        "un numéro d’objet est hors limites",
    ),
    (
        "its /W or /Index is unusable",
        "son /W ou son /Index est inutilisable",
    ),
    (
        "no `startxref` near the end of the file",
        "pas de `startxref` vers la fin du fichier",
    ),
    (
        "the chain of sections leads back to it",
        "la chaîne des sections y ramène",
    ),
    ("the object is no stream", "l’objet n’est pas un flux"),
    (
        "the offset is beyond the end of the file",
        "la position est au-delà de la fin du fichier",
    ),
    (
        "the stream is no cross-reference stream",
        "le flux n’est pas un flux de références croisées",
    ),
    (
        "there is neither a table nor a stream",
        "il n’y a ni table ni flux",
    ),
    ("there is none", "il n’y en a pas"),
];
