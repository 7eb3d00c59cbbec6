//! The words of the report itself.

pub(super) const WORDS: &[(&str, &str)] = &[
    ("Validation of signatures", "Validation des signatures"),
    (
        "The certificates that were trusted were chosen by whoever asked.",
        "Les certificats de confiance ont été choisis par la personne qui a demandé la validation.",
    ),
    (
        "Judged by sceau {} as ETSI EN 319 102-1 has it. {}",
        "Établi par sceau {} selon la norme ETSI EN 319 102-1. {}",
    ),
    (
        "Judged by sceau {} as ETSI EN 319 102-1 has it, by {} (SHA-256 {}). {}",
        "Établi par sceau {} selon la norme ETSI EN 319 102-1, d’après {} (SHA-256 {}). {}",
    ),
    ("Judged by {}", "Établi d’après {}"),
    ("the validation policy {}", "la politique de validation {}"),
    (
        "the validation policy {} ({})",
        "la politique de validation {} ({})",
    ),
    (
        "{}, with revocation data required",
        "{}, en exigeant l’état de révocation",
    ),
    (
        "{}, with revocation data where there is some",
        "{}, l’état de révocation ne comptant que s’il est connu",
    ),
    ("Made after", "Faite après"),
    ("no signature", "aucune signature"),
    ("{} ({}, judged as of {})", "{} ({}, appréciation au {})"),
    ("1 signature", "1 signature"),
    ("{} signatures", "{} signatures"),
    ("1 evidence record", "1 enregistrement de preuve"),
    ("{} evidence records", "{} enregistrements de preuve"),
    ("Evidence record {}: {}", "Enregistrement de preuve {} : {}"),
    ("Data", "Données"),
    ("covered", "couvert"),
    (
        "NOT what the record is about",
        "PAS ce sur quoi porte l’enregistrement",
    ),
    ("could not be checked", "n’a pas pu être vérifié"),
    (
        "beside 1 hash of other things",
        "à côté de l’empreinte d’autre chose",
    ),
    (
        "beside {} hashes of other things",
        "à côté de {} empreintes d’autre chose",
    ),
    (
        "{} at the latest, proven by the record",
        "{} au plus tard, prouvé par l’enregistrement",
    ),
    ("Existed at", "Existait le"),
    ("Chain {}", "Chaîne {}"),
    ("{} container with {}", "conteneur {} avec {}"),
    ("NOT SIGNED by anybody: {}", "SIGNÉ PAR PERSONNE : {}"),
    ("Note: {}", "Remarque : {}"),
    ("and {} more", "et {} autres"),
    ("{} {} in field {}", "{} {} dans le champ {}"),
    ("{} {}", "{} {}"),
    ("{} ({})", "{} ({})"),
    ("{}, {}", "{}, {}"),
    ("Document time-stamp", "Horodatage du document"),
    ("Counter-signature", "Contre-signature"),
    ("Signature", "Signature"),
    ("TOTAL-PASSED, valid", "TOTAL-PASSED, valide"),
    (
        "TOTAL-FAILED ({}), not valid",
        "TOTAL-FAILED ({}), non valide",
    ),
    (
        "INDETERMINATE ({}), cannot be decided with what is known",
        "INDETERMINATE ({}), ne peut être tranché avec ce qui est connu",
    ),
    ("Why not", "Pourquoi"),
    ("Found", "Constaté"),
    ("What would change it", "Ce qui y changerait"),
    ("Note", "Remarque"),
    ("Made by", "Établi par"),
    ("Signed by", "Signé par"),
    (
        "unknown (the certificate was not found)",
        "inconnu (le certificat n’a pas été trouvé)",
    ),
    ("For", "Pour"),
    ("Issued by", "Délivré par"),
    ("Certificate", "Certificat"),
    ("says it is qualified ({})", "se dit qualifié ({})"),
    (
        "key in a qualified device",
        "clé dans un dispositif qualifié",
    ),
    ("law of {}", "droit de {}"),
    ("Qualified", "Qualifié"),
    (
        "not asked: no trusted list was given",
        "non examiné : aucune liste de confiance n’a été donnée",
    ),
    ("unknown territory", "territoire inconnu"),
    (
        "by the trusted list of {}: {}, of {}, {} since {}",
        "selon la liste de confiance de {} : {}, de {}, {} depuis le {}",
    ),
    ("Unmodified", "Intact"),
    (
        "not known, it could not be checked",
        "on ne le sait pas, cela n’a pas pu être vérifié",
    ),
    (
        "NO, what was signed is not what is here",
        "NON, ce qui a été signé n’est pas ce qui se trouve ici",
    ),
    (
        "yes, the whole file is as it was signed",
        "oui, le fichier entier est tel qu’il a été signé",
    ),
    (
        "yes, what was signed is as it was",
        "oui, ce qui a été signé est resté tel quel",
    ),
    (
        "yes; only validation data or document time-stamps were added after it",
        "oui ; seuls des données de validation ou des horodatages ont été ajoutés depuis",
    ),
    (
        "yes; form fields or further signatures were filled in after it",
        "oui ; des champs de formulaire ou d’autres signatures ont été remplis depuis",
    ),
    (
        "the signed part is; annotations were added after it",
        "la partie signée l’est ; des annotations ont été ajoutées depuis",
    ),
    (
        "the signed part is, but the document was changed after it was signed",
        "la partie signée l’est, mais le document a été modifié après avoir été signé",
    ),
    ("Made by then", "Antérieur au"),
    ("Made at", "Date"),
    (
        "{} at the latest, proven by a time-stamp",
        "{} au plus tard, prouvé par un horodatage",
    ),
    (
        "{} by the signer's own word",
        "{} selon le signataire lui-même",
    ),
    (
        "{} by the signer's own word; nothing proves it",
        "{} selon le signataire lui-même ; rien ne le prouve",
    ),
    ("not known", "inconnue"),
    ("Trusted", "Confiance"),
    (
        "yes, {} vouches for it, whom you trust",
        "oui, {} en répond, à qui vous faites confiance",
    ),
    (
        "its certificates lead to {}, whom you trust",
        "ses certificats mènent à {}, à qui vous faites confiance",
    ),
    (
        "not known: its certificates were not followed to anybody whom you trust",
        "on ne le sait pas : ses certificats n’ont mené à personne à qui vous faites confiance",
    ),
    ("Protects", "Protège"),
    (
        "the signature {}, which it confirms",
        "la signature {}, qu’elle confirme",
    ),
    ("these files: {}", "ces fichiers : {}"),
    ("the whole file", "le fichier entier"),
    (
        "the document as revision {} left it, the first {} bytes of the file",
        "le document tel que l’a laissé la révision {}, les {} premiers octets du fichier",
    ),
    (
        "a part of the file, and which one is not certain",
        "une partie du fichier, sans certitude laquelle",
    ),
    (
        "the content that was signed, all of it",
        "le contenu signé, en entier",
    ),
    ("Changed since", "Modifié depuis"),
    ("Form", "Forme"),
    ("{} without a baseline level", "{} sans niveau de base"),
    ("{} level {}", "{}, niveau {}"),
    ("{}, published at {}", "{}, publiée à {}"),
    (
        "{}; its document is kept with the signature",
        "{} ; son document est conservé avec la signature",
    ),
    ("Policy", "Politique"),
    ("Commitment", "Engagement"),
    ("Place", "Lieu"),
    (
        "{}, by the signer's own word",
        "{}, selon le signataire lui-même",
    ),
    ("Content", "Contenu"),
    ("Archived", "Archivé"),
    ("Time-stamp", "Horodatage"),
    ("an unknown authority", "une autorité inconnue"),
    ("{}, qualified", "{}, qualifié"),
    ("{}, not qualified", "{}, non qualifié"),
    ("{} by {}: {}", "{} par {} : {}"),
    ("trusted", "de confiance"),
    ("not checked further", "non examiné plus avant"),
    ("REVOKED at {} ({})", "RÉVOQUÉ le {} ({})"),
    ("not revoked as of {} ({})", "non révoqué au {} ({})"),
    (
        "revocation does not apply",
        "la révocation ne s’applique pas",
    ),
    ("revocation status not known", "état de révocation inconnu"),
    ("Chain", "Chaîne"),
    ("not used", "non utilisée"),
    ("next update {}", "prochaine mise à jour le {}"),
    ("next update not said", "prochaine mise à jour non indiquée"),
    (
        "Trusted list {} ({}): {}",
        "Liste de confiance {} ({}) : {}",
    ),
    ("Trusted lists", "Listes de confiance"),
    (
        "Revision {} (to byte {})",
        "Révision {} (jusqu’à l’octet {})",
    ),
    ("{}, signed by {}", "{}, signée par {}"),
    ("after {}:", "après {} :"),
    ("after {} to {}:", "après {} à {} :"),
    (
        "nothing that is shown or filled in",
        "rien qui soit affiché ou rempli",
    ),
    (
        "only a signed PDF has revisions",
        "seul un PDF signé a des révisions",
    ),
    (
        "What changed after each signature",
        "Ce qui a changé après chaque signature",
    ),
    ("{}: {}", "{} : {}"),
    ("{}", "{}"),
    ("proof-of-origin", "preuve d’origine"),
    ("proof-of-receipt", "preuve de réception"),
    ("proof-of-delivery", "preuve de livraison"),
    ("proof-of-sender", "preuve d’envoi"),
    ("proof-of-approval", "preuve d’approbation"),
    ("proof-of-creation", "preuve de création"),
    // What would change a verdict.
    (
        "only the document as it was signed, in the form that its signature asks for, would change this",
        "seul le document tel qu’il a été signé, dans la forme que sa signature exige, y changerait quelque chose",
    ),
    (
        "only the file as it was signed would change this",
        "seul le fichier tel qu’il a été signé y changerait quelque chose",
    ),
    (
        "nothing would change this: ask the signer to sign again",
        "rien n’y changera : demandez au signataire de signer à nouveau",
    ),
    (
        "nothing would change this: the certificate was revoked before the signature was made",
        "rien n’y changera : le certificat a été révoqué avant la signature",
    ),
    (
        "nothing would change this: the certificate had expired before the signature was made",
        "rien n’y changera : le certificat avait expiré avant la signature",
    ),
    (
        "nothing would change this: ask the signer to sign again with a certificate that is valid",
        "rien n’y changera : demandez au signataire de signer à nouveau avec un certificat valide",
    ),
    (
        "the certificate that the signature names would change this: give it with --cert, or ask the signer for it",
        "le certificat que la signature désigne y changerait quelque chose : donnez-le avec --cert, ou demandez-le au signataire",
    ),
    (
        "another chain of certificates would change this: give its certificates with --cert, or ask the issuer",
        "une autre chaîne de certificats y changerait quelque chose : donnez ses certificats avec --cert, ou interrogez l’émetteur",
    ),
    (
        "only a certificate that may be used so would change this: ask the signer to sign again with one",
        "seul un certificat permettant cet usage y changerait quelque chose : demandez au signataire de signer à nouveau avec un tel certificat",
    ),
    (
        "only a signature with what is missing would change this: ask the signer to sign again",
        "seule une signature comportant ce qui manque y changerait quelque chose : demandez au signataire de signer à nouveau",
    ),
    (
        "only a proof that the signature existed while the algorithm was reliable would change this",
        "seule une preuve que la signature existait quand l’algorithme était fiable y changerait quelque chose",
    ),
    (
        "only a time-stamp from when the algorithm was reliable would change this",
        "seul un horodatage du temps où l’algorithme était fiable y changerait quelque chose",
    ),
    (
        "only a valid time-stamp made before the revocation would change this",
        "seul un horodatage valide antérieur à la révocation y changerait quelque chose",
    ),
    (
        "only a time-stamp made while the certificate was valid would change this",
        "seul un horodatage fait pendant la validité du certificat y changerait quelque chose",
    ),
    (
        "only a proof that the signature existed earlier, such as a time-stamp, would change this",
        "seule une preuve que la signature existait plus tôt, comme un horodatage, y changerait quelque chose",
    ),
    (
        "time-stamps in their right order would change this: check the clock, or ask who made them",
        "des horodatages dans le bon ordre y changeraient quelque chose : vérifiez l’horloge, ou interrogez qui les a établis",
    ),
    (
        "newer information on revocation would change this: try again later, with a network or with --crl",
        "une information plus récente sur la révocation y changerait quelque chose : réessayez plus tard, avec un réseau ou avec --crl",
    ),
    (
        "the signature policy would change this: ask its publisher for it",
        "la politique de signature y changerait quelque chose : demandez-la à qui la publie",
    ),
    (
        "ask who made the signature what it is meant to be",
        "demandez à l’auteur de la signature ce qu’elle est censée être",
    ),
];
