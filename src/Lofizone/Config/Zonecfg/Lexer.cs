using System.Text;

namespace Lofizone.Config.Zonecfg;

/// <summary>
/// Divides a line into commands (at ';') and these into tokens. A '#' at the start of a word begins a comment. In double quotes every
/// character stands for itself, except \" for a quote and \\ for a backslash. A word that follows an '=' without a space may hold further
/// '='.
/// </summary>
internal sealed class Lexer
{
    /// <summary>Longest line, in characters: room for one value of full length per property.</summary>
    public const int MaxLineLength = 64 * 1024;

    private readonly string _line;
    private readonly List<List<Token>> _commands = [];
    private List<Token> _command = [];
    private int _at;

    private Lexer(string line) => _line = line;

    /// <summary>The line's commands, without empty ones.</summary>
    public static IReadOnlyList<IReadOnlyList<Token>> Cut(string line)
    {
        if (line.Length > MaxLineLength)
            throw new LofizoneException(
                $"a line of {line.Length} characters, at most {MaxLineLength} are allowed")
            { Kind = FailureKind.WrongUsage };
        Lexer lexer = new(line);
        lexer.Run();
        return lexer._commands;
    }

    private void Run()
    {
        bool valueMayFollow = false;
        while (_at < _line.Length)
        {
            char c = _line[_at];
            if (char.IsWhiteSpace(c))
            {
                _at++;
                valueMayFollow = false;
            }
            else if (c == '#' && !valueMayFollow)
            {
                break;
            }
            else if (c == ';')
            {
                _at++;
                valueMayFollow = false;
                EndCommand();
            }
            else if (c == '=' && !valueMayFollow)
            {
                _at++;
                valueMayFollow = true;
                _command.Add(new Token(TokenKind.EqualsSign, "="));
            }
            else
            {
                _command.Add(c is '(' or '[' && (FollowsEqualsSign() || FollowsAddedProperty()) ? List() : Word(valueMayFollow));
                valueMayFollow = false;
            }
        }

        EndCommand();
    }

    private bool FollowsEqualsSign() => _command is [.., { Kind: TokenKind.EqualsSign }];

    /// <summary>True behind <c>add PROPERTY</c> and <c>remove PROPERTY</c>.</summary>
    private bool FollowsAddedProperty() =>
        _command is [{ Kind: TokenKind.Word, Text: "add" or "remove" }, { Kind: TokenKind.Word }];

    private void EndCommand()
    {
        if (_command.Count > 0)
            _commands.Add(_command);
        _command = [];
    }

    private Token Word(bool isValue)
    {
        StringBuilder text = new();
        bool quoted = false;
        while (_at < _line.Length)
        {
            char c = _line[_at];
            if (char.IsWhiteSpace(c) || c == ';' || (c == '=' && !isValue))
                break;
            if (c == '"')
            {
                quoted = true;
                Quoted(text);
            }
            else
            {
                text.Append(c);
                _at++;
            }
        }

        return new Token(TokenKind.Word, text.ToString(), quoted);
    }

    private void Quoted(StringBuilder text)
    {
        for (_at++; _at < _line.Length && _line[_at] != '"'; _at++)
        {
            if (_line[_at] == '\\' && _at + 1 < _line.Length && _line[_at + 1] is '"' or '\\')
                _at++;
            text.Append(_line[_at]);
        }

        if (_at == _line.Length)
            throw new LofizoneException(
                "syntax error: a quote is not closed",
                "end the value with '\"'; inside quotes write \\\" for a quote")
            { Kind = FailureKind.WrongUsage };
        _at++;
    }

    private Token List()
    {
        char close = _line[_at] == '(' ? ')' : ']';
        int end = _line.IndexOf(close, _at);
        if (end < 0)
            throw new LofizoneException(
                $"syntax error: a list is not closed with '{close}'",
                $"a plain value that starts with '{_line[_at]}' stands in double quotes")
            { Kind = FailureKind.WrongUsage };
        string text = _line[_at..(end + 1)];
        _at = end + 1;
        return new Token(TokenKind.List, text);
    }
}
