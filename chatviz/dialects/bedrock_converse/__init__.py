"""Amazon Bedrock's Converse: one way of asking for the models of many providers."""
