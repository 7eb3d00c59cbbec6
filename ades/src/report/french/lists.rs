//! Trusted lists and qualification, as `trust-lists` says it.

pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "qualified electronic signature",
        "signature électronique qualifiée",
    ),
    ("qualified electronic seal", "cachet électronique qualifié"),
    (
        "advanced electronic signature with a qualified certificate",
        "signature électronique avancée avec certificat qualifié",
    ),
    (
        "advanced electronic seal with a qualified certificate",
        "cachet électronique avancé avec certificat qualifié",
    ),
    ("not qualified", "non qualifié"),
    ("qualification not determined", "qualification indéterminée"),
    (
        "the signature itself is not valid",
        "la signature elle-même n’est pas valide",
    ),
    (
        "whether the signature itself is valid is not determined",
        "la validité de la signature elle-même n’est pas établie",
    ),
    ("there is no certificate", "il n’y a pas de certificat"),
    (
        "when the certificate was issued: {}",
        "lors de la délivrance du certificat : {}",
    ),
    (
        "it is qualified for websites, which neither signs nor seals",
        "il est qualifié pour des sites web, ce qui ne signe ni ne scelle",
    ),
    (
        "its key is not known to be in a qualified device",
        "on ne sait pas si sa clé est dans un dispositif qualifié",
    ),
    (
        "no list has a service above it that issued qualified certificates at {}",
        "aucune liste n’a de service au-dessus de lui qui délivrait des certificats qualifiés le {}",
    ),
    ("the European Union", "l’Union européenne"),
    (
        "it claims to be qualified by the law of {}, and the list is another's",
        "il se dit qualifié selon le droit de {}, et la liste est celle d’un autre",
    ),
    (
        "the services above it contradict each other: {} is {}, {} is {}",
        "les services au-dessus de lui se contredisent : {} est {}, {} est {}",
    ),
    (
        "the service {} has the status {} at {}, which no such service had then",
        "le service {} a le statut {} le {}, qu’aucun service de ce genre n’avait alors",
    ),
    (
        "the history of {} in the list is not in order",
        "l’historique de {} dans la liste n’est pas en ordre",
    ),
    (
        "the lists have its key as that of {} and of {}",
        "les listes donnent sa clé pour celle de {} et de {}",
    ),
    (
        "the list has its key as that of {}, who is not the one that the certificate names",
        "la liste donne sa clé pour celle de {}, qui n’est pas celui que nomme le certificat",
    ),
    (
        "the list knows {} by its name alone, which anybody can take",
        "la liste ne connaît {} que par son nom, que n’importe qui peut prendre",
    ),
    (
        "the list has a critical qualifier that is not understood: {}",
        "la liste a un qualificatif critique qui n’est pas compris : {}",
    ),
    (
        "it is qualified by the law of {}, not by that of the European Union",
        "il est qualifié selon le droit de {}, non selon celui de l’Union européenne",
    ),
    (
        "it is qualified by the law of {}; the agreement on mutual recognition in the list of lists is not interpreted",
        "il est qualifié selon le droit de {} ; l’accord de reconnaissance mutuelle dans la liste des listes n’est pas interprété",
    ),
    (
        "the list says something critical of {} that is not understood: {}",
        "la liste dit de {} quelque chose de critique qui n’est pas compris : {}",
    ),
    (
        "the service {} was {} at {}, since {}",
        "le service {} était {} le {}, depuis le {}",
    ),
    (
        "the list says of it both that it is qualified and that it is not",
        "la liste dit de lui à la fois qu’il est qualifié et qu’il ne l’est pas",
    ),
    (
        "the service is listed for {}, and the list says that the certificate is for something else",
        "le service est listé pour {}, et la liste dit que le certificat est pour autre chose",
    ),
    (
        "the list says that it is for something that there was not before 2016-07-01",
        "la liste le dit pour un usage qui n’existait pas avant le 1er juillet 2016",
    ),
    (
        "it does not state to be qualified for {}",
        "il ne se déclare pas qualifié pour {}",
    ),
    (
        "the list says that certificates of its kind are not qualified",
        "la liste dit que les certificats de ce genre ne sont pas qualifiés",
    ),
    (
        "it does not state to be a qualified certificate",
        "il ne déclare pas être un certificat qualifié",
    ),
    (
        "the service {} is not listed for {}",
        "le service {} n’est pas listé pour {}",
    ),
    (
        "before 2016-07-01 certificates were qualified for signatures alone",
        "avant le 1er juillet 2016, les certificats n’étaient qualifiés que pour des signatures",
    ),
    (
        "what the list says of the device of its key contradicts itself",
        "ce que la liste dit du dispositif de sa clé se contredit",
    ),
    (
        "the list has criteria that are not understood, and that decide",
        "la liste a des critères qui ne sont pas compris, et qui décident",
    ),
    (
        "it does not state for what it is qualified",
        "il ne déclare pas pour quoi il est qualifié",
    ),
    (
        "it states to be qualified for several things",
        "il se déclare qualifié pour plusieurs usages",
    ),
    (
        "the list says that it is qualified for several things",
        "la liste le dit qualifié pour plusieurs usages",
    ),
    (
        "the trusted list cannot be fetched: {}",
        "la liste de confiance ne peut être obtenue : {}",
    ),
    (
        "the trusted list has run out: its next update was due at {}",
        "la liste de confiance est périmée : sa mise à jour était due le {}",
    ),
    (
        "the trusted list is number {}, and number {} was there before",
        "la liste de confiance porte le numéro {}, et le numéro {} était là auparavant",
    ),
    (
        "the certificate of {}, who signed the trusted list, ended at {}",
        "le certificat de {}, qui a signé la liste de confiance, a pris fin le {}",
    ),
    (
        "the trusted list is not signed as it should be",
        "la liste de confiance n’est pas signée comme elle devrait l’être",
    ),
    (
        "the trusted list is signed by {}, who is not among those who may sign it",
        "la liste de confiance est signée par {}, qui ne fait pas partie de ceux qui le peuvent",
    ),
    (
        "the certificate of {} was not valid when the trusted list was issued, at {}",
        "le certificat de {} n’était pas valide lors de la publication de la liste de confiance, le {}",
    ),
];
