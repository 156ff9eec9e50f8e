"""The texts of the page in Portuguese and English, and the negotiation of the language."""

from __future__ import annotations

from typing import Final, Literal

from gerador.service.status import State

LANGUAGE_COOKIE: Final = "gerador-language"
Language = Literal["pt", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("pt", "en")
BROWSER_LANGUAGE: Final[dict[Language, Literal["pt-BR", "en-US"]]] = {"pt": "pt-BR", "en": "en-US"}
"""Language tags for the browser."""
DEFAULT_LANGUAGE: Final[Language] = "en"
QUALITY_MAX: Final = 1.0

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # Header.
    "stream": ("stream", "stream"),
    "language": ("idioma", "language"),
    "theme": ("tema", "theme"),
    "theme_auto": ("automático", "auto"),
    "theme_light": ("claro", "light"),
    "theme_dark": ("escuro", "dark"),
    # Status line.
    "keeps_up": ("na taxa alvo", "at the target rate"),
    "unpaced": ("o mais rápido possível", "as fast as possible"),
    "delayed": ("atraso de {}", "{} behind"),
    "paused": ("nenhuma nova linha prevista", "no rows become due"),
    "starting": ("nenhuma linha gerada ainda", "no row generated yet"),
    "degraded": ("com problemas, tentando novamente", "not delivering, retrying"),
    "failing": ("a última geração falhou", "the latest rows could not be generated"),
    "finished": ("todas as linhas foram enviadas", "all rows were sent"),
    "ending": ("aguardando as últimas confirmações", "waiting for the last acknowledgements"),
    # Key figures.
    "target": ("taxa alvo", "target rate"),
    "acknowledged": ("taxa confirmada", "acknowledged"),
    "behind": ("atraso", "behind"),
    "latency": ("latência", "latency"),
    "rows_per_s": ("linhas/s", "rows/s"),
    "rows": ("linhas", "rows"),
    "max": ("máx.", "max"),
    # Charts.
    "chart_rate": ("Taxa, linhas/s", "Rate, rows/s"),
    "chart_behind": ("Atraso, linhas", "Behind, rows"),
    "chart_behind_s": ("Atraso, segundos", "Behind, seconds"),
    "chart_latency": ("Latência de confirmação, ms", "Acknowledgement latency, ms"),
    "chart_span": ("últimos 10 minutos", "last 10 minutes"),
    "no_kafka": ("sem Kafka, não há confirmações", "no acknowledgements without Kafka"),
    "no_acks": ("sem confirmações nos últimos 10 s", "no acknowledgements in the last 10 s"),
    # Table of streams.
    "streams": ("Streams", "Streams"),
    "state": ("estado", "state"),
    "target_per_s": ("taxa alvo, linhas/s", "target rate, rows/s"),
    "delivered_per_s": ("taxa de entrega, linhas/s", "delivered rate, rows/s"),
    "behind_in_rows": ("atraso, linhas", "behind, rows"),
    "acked_rows": ("linhas confirmadas", "acknowledged, rows"),
    # Control panel.
    "control": ("Controle", "Control"),
    "pause": ("Pausar", "Pause"),
    "resume": ("Retomar", "Resume"),
    "rate": ("Taxa (linhas/s)", "Rate (rows/s)"),
    "rate_hint": ("500, 10k, 50/h ou max", "500, 10k, 50/h or max"),
    "over": ("Rampa (opcional)", "Ramp (optional)"),
    "over_hint": ("30s, 2m", "30s, 2m"),
    "set": ("Aplicar", "Set"),
    "burst_rows": ("Rajada (linhas)", "Burst (rows)"),
    "burst": ("Enviar", "Burst"),
    "has_ended": (
        "Este stream terminou e não pode mais ser alterado.",
        "This stream has ended and can no longer be changed.",
    ),
    "invalid_burst": (
        "Uma rajada pode ter de 1 a {} linhas.",
        "A burst has 1 to {} rows.",
    ),
    "token": ("Token da API", "API token"),
    "token_hint": (
        "Informe o token de GERADOR_API_TOKEN para alterar o stream. Ele fica apenas nesta aba.",
        "Enter the token of GERADOR_API_TOKEN to change the stream. It is kept in this tab only.",
    ),
    "unlock": ("Entrar", "Unlock"),
    "wrong_token": (
        "O token não é o de GERADOR_API_TOKEN; nada foi alterado.",
        "The token does not match GERADOR_API_TOKEN; nothing was changed.",
    ),
    "unlocked": ("Token aceito.", "Token accepted."),
    "did_pause": ("Pausado a partir da linha {}.", "Paused from row {}."),
    "did_resume": ("Retomado a partir da linha {}.", "Resumed from row {}."),
    "did_rate": ("Taxa {} a partir da linha {}.", "Rate {} from row {}."),
    "did_ramp": (
        "Taxa {} com rampa de {}, a partir da linha {}.",
        "Rate {} with a ramp of {}, from row {}.",
    ),
    "did_burst": (
        "{} linhas de uma vez, a partir da linha {}.",
        "{} rows at once, from row {}.",
    ),
    # Counters.
    "counters": ("Contadores", "Counters"),
    "sum": (
        "due = acked + failed + unknown + in_flight + behind",
        "due = acked + failed + unknown + in_flight + behind",
    ),
    "due": ("previstas até agora", "due so far"),
    "made": ("geradas", "generated"),
    "acked": ("confirmadas pelos brokers", "acknowledged by the brokers"),
    "failed": ("não entregues", "not delivered"),
    "unknown": ("resultado desconhecido", "outcome unknown"),
    "in_flight": ("enviadas, aguardando confirmação", "sent, not yet acknowledged"),
    "behind_rows": ("previstas, ainda não enviadas", "due, not yet sent"),
    # Rows and details.
    "latest": ("Linhas mais recentes", "Latest rows"),
    "no_rows": ("Ainda não há linhas.", "No rows yet."),
    "about": ("Detalhes do stream", "Stream details"),
    "topic": ("tópico", "topic"),
    "no_topic": ("nenhum (só em memória)", "none (memory only)"),
    "partitions": ("partições", "partitions"),
    "framing": ("framing", "framing"),
    "schema_id": ("id do schema", "schema id"),
    "seed": ("semente", "seed"),
    "start": ("início", "start"),
    "generations": ("gerações", "generations"),
    "schema": ("Schema", "Schema"),
    "field": ("campo", "field"),
    "type": ("tipo", "type"),
    "reproduce": ("Reproduzir", "Reproduce"),
    "times_differ": (
        "A taxa foi alterada: a partir da primeira alteração, este comando gera outros horários.",
        "The rate was changed: this command generates other times from the first change on.",
    ),
    "full_recipe": (
        "Receita completa, com todas as alterações de taxa (arquivo de cenário)",
        "Complete recipe with all rate changes (scenario file)",
    ),
    "no_recipe": ("Disponível após o início do stream.", "Available when the stream has started."),
    "copy": ("Copiar", "Copy"),
    "copied": ("Copiado", "Copied"),
    "addresses": ("Endereços", "Addresses"),
}
"""Portuguese and English text by key; ``{}`` is replaced by a value."""

_STATE_NAMES: Final[dict[State, tuple[str, str]]] = {
    State.STARTING: ("iniciando", "starting"),
    State.ACTIVE: ("ativo", "active"),
    State.PAUSED: ("pausado", "paused"),
    State.DEGRADED: ("degradado", "degraded"),
    State.ERROR: ("erro", "error"),
    State.STOPPING: ("encerrando", "stopping"),
    State.FINISHED: ("concluído", "finished"),
}
"""Portuguese and English name by state."""
_STATE_TEXTS: Final = {
    State.STARTING: "starting",
    State.PAUSED: "paused",
    State.DEGRADED: "degraded",
    State.ERROR: "failing",
    State.STOPPING: "ending",
    State.FINISHED: "finished",
}


def translate(language: Language, key: str, *values: str) -> str:
    """Return the text `key` in `language`, formatted with `values`."""
    return TEXTS[key][LANGUAGES.index(language)].format(*values)


def state_name(language: Language, state: State) -> str:
    """Return the name of a state, which in /status is always in Portuguese."""
    return _STATE_NAMES[state][LANGUAGES.index(language)]


def state_description(language: Language, state: State) -> str | None:
    """Return the description of a state; None for *ativo*, which depends on the rates."""
    key = _STATE_TEXTS.get(state)
    return None if key is None else translate(language, key)


def negotiate_language(accept_language: str, selected: str | None = None) -> Language:
    """Return the `selected` language, or else the best of an Accept-Language header."""
    if selected in LANGUAGES:
        return selected
    accepted = [_parse_language_range(part) for part in accept_language.split(",")]
    known = [(quality, tag) for quality, tag in accepted if tag in LANGUAGES and quality > 0]
    return max(known, key=lambda language: language[0])[1] if known else DEFAULT_LANGUAGE


def _parse_language_range(part: str) -> tuple[float, str]:
    """Parse an entry, ``pt-BR;q=0.8``, to its quality and primary tag (RFC 9110, 12.5.4)."""
    tag, _, parameter = part.strip().partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        quality = float(value) if name.strip() == "q" else QUALITY_MAX
    except ValueError:
        quality = 0.0
    return quality, tag.strip().lower().partition("-")[0]
