namespace Lofizone.Config.Zonecfg;

internal enum TokenKind
{
    /// <summary>A bare or quoted word, quotes and escapes already undone.</summary>
    Word,

    /// <summary>The sign between a property and its value.</summary>
    EqualsSign,

    /// <summary>A bracketed list of values, or of properties in parentheses.</summary>
    List,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">The word's text, or the list as written.</param>
/// <param name="Quoted">True when any of it stood in quotes, so that it is never a flag.</param>
internal sealed record Token(TokenKind Kind, string Text, bool Quoted = false);
