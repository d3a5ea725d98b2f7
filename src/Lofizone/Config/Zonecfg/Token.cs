namespace Lofizone.Config.Zonecfg;

internal enum TokenKind
{
    /// <summary>A bare or quoted word, without quotes and escapes.</summary>
    Word,

    /// <summary>The sign between a property and its value.</summary>
    EqualsSign,

    /// <summary>A bracketed list of values, or of properties in parentheses.</summary>
    List,
}

/// <param name="Kind">Kind of the token.</param>
/// <param name="Text">Text of the word, or of the list in its original form.</param>
/// <param name="Quoted">True when a part of the word was quoted, so that the word is never a flag.</param>
internal sealed record Token(TokenKind Kind, string Text, bool Quoted = false);
