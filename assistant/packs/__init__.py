"""Market packs: reads `talk_scripts/<market>/` (pack.yaml, lines.yaml, rules.yaml) into the stages' own classes, and checks them."""
