using System.Collections.Immutable;

namespace Lofizone.Config.Zonecfg;

/// <summary>Commands that begin, end and remove resources.</summary>
internal static class ResourceCommands
{
    private const int AnyNumber = 16;

    public static ZonecfgCommand Add { get; } = new(
        "add <resource> [<property>=<value> ...] | add <property> <value>",
        "Begins a new resource; 'end' adds it to the zone, 'cancel' drops it. While a resource is being specified it\nadds a value to a "
        + "property that takes several, or sets one that takes a list.",
        AddResource)
    {
        MinOperands = 1,
        MaxOperands = 2,
        MaxProperties = AnyNumber,
    };

    public static ZonecfgCommand Select { get; } = new(
        "select <resource> [<property>=<value> ...]",
        "Opens the one resource with these values, to change it; 'end' takes the changes, 'cancel' drops them.",
        SelectResource)
    {
        Scope = CommandScope.Global,
        MinOperands = 1,
        MaxOperands = 1,
        MaxProperties = AnyNumber,
    };

    public static ZonecfgCommand Remove { get; } = new(
        "remove [-F] <resource> [<property>=<value> ...] | remove <property> <value>",
        "Removes the one resource with these values. Without values it removes all resources of the type, and asks\nfirst when there "
        + "are several, unless -F is given. While a resource is being specified it removes a value of a property.",
        RemoveAsync)
    {
        Flags = "F",
        MinOperands = 1,
        MaxOperands = 2,
        MaxProperties = AnyNumber,
    };

    public static ZonecfgCommand End { get; } = new(
        "end",
        "Ends the specification of a resource and takes it into the configuration.",
        EndResource)
    {
        Scope = CommandScope.Resource,
    };

    public static ZonecfgCommand Cancel { get; } = new(
        "cancel",
        "Ends the specification of a resource and drops it, or what changed in it.",
        (editor, _) => editor.Scope = null)
    {
        Scope = CommandScope.Resource,
    };

    /// <summary>Indexes of the resources that have all the given values.</summary>
    public static IReadOnlyList<int> Matches(ZoneConfig config, ResourceType type, IReadOnlyList<KeyValuePair<string, string>> wanted)
    {
        var pairs = wanted.Select(w => (w.Key, Value: w.Value.Length == 0 ? null : type.Property(w.Key).Read(w.Value, type.Name + ": ")))
            .ToList();
        foreach ((string key, _) in pairs)
            type.Property(key);
        var resources = type.Get(config);
        return [.. Enumerable.Range(0, resources.Count).Where(i => pairs.All(p => resources[i].GetValueOrDefault(p.Key) == p.Value))];
    }

    private static void AddResource(ZonecfgEditor editor, Statement statement)
    {
        if (editor.Scope is not null)
        {
            editor.Scope = ValueCommands.Add(editor.Scope, statement);
            return;
        }

        RequireOneOperand(statement);
        ResourceType type = ResourceTypes.Find(statement.Operands[0]);
        if (type.Refusal is { } reason)
            throw new LofizoneException($"add: {type.Name}: can't be added: {reason}", "'help properties' lists what a zone can have");
        if (type.Single && type.Get(editor.Current!).Count > 0)
            throw new LofizoneException(
                $"add: the zone has a {type.Name} resource already, and takes one only",
                $"'select {type.Name}' changes it, 'remove {type.Name}' removes it");
        ResourceScope scope = new(type, type.Defaults, null);
        foreach ((string name, string value) in statement.Properties)
            scope = PropertyCommands.With(scope, name, value);
        editor.Scope = scope;
    }

    private static void SelectResource(ZonecfgEditor editor, Statement statement)
    {
        ResourceType type = ResourceTypes.Find(statement.Operands[0]);
        int index = TheOne(editor.Current!, type, statement);
        editor.Scope = new ResourceScope(type, type.Get(editor.Current!)[index], index);
    }

    private static async Task RemoveAsync(ZonecfgEditor editor, Statement statement, CancellationToken cancellation)
    {
        if (editor.Scope is not null)
        {
            editor.Scope = ValueCommands.Remove(editor.Scope, statement);
            return;
        }

        RequireOneOperand(statement);
        ResourceType type = ResourceTypes.Find(statement.Operands[0]);
        var resources = type.Get(editor.Current!);
        if (statement.Properties.Count == 0 && resources.Count > 1)
        {
            if (await editor.ConfirmAsync(statement, $"Are you sure you want to remove ALL '{type.Name}' resources", cancellation))
                editor.Change(type.With(editor.Current!, []));
            return;
        }

        editor.Change(type.With(editor.Current!, resources.RemoveAt(TheOne(editor.Current!, type, statement))));
    }

    private static void EndResource(ZonecfgEditor editor, Statement _)
    {
        (ResourceType type, ImmutableDictionary<string, string> values, int? index) = editor.Scope!;
        var missing = type.Properties.Where(p => p.Required && !values.ContainsKey(p.Name)).Select(p => p.Name).ToList();
        if (missing.Count > 0)
            throw new LofizoneException(
                $"{type.Name}: required property missing: {string.Join(", ", missing)}",
                $"'set {missing[0]}=...' sets it, 'cancel' drops the resource");

        ZoneConfig config = editor.Current!;
        var resources = type.Get(config);
        ZoneConfig next = type.With(config, index is { } at ? resources.SetItem(at, values) : resources.Add(values));

        // Problems that existed before are not this resource's.
        var problems = ZoneConfigVerifier.Verify(next, editor.Brands).Except(ZoneConfigVerifier.Verify(config, editor.Brands)).ToList();
        if (problems.Count > 0)
            throw new LofizoneException(string.Join('\n', problems), "'set' changes the resource, 'cancel' drops it");
        editor.Change(next);
        editor.Scope = null;
    }

    private static void RequireOneOperand(Statement statement)
    {
        if (statement.Operands is [_, var more])
            throw Parser.Wrong(statement.Command, $"'{SafeText.Text(more)}' is too much");
    }

    private static int TheOne(ZoneConfig config, ResourceType type, Statement statement)
    {
        IReadOnlyList<int> matches = Matches(config, type, statement.Properties);
        string command = statement.Command.Name;
        return matches.Count switch
        {
            1 => matches[0],
            0 => throw new LofizoneException($"{command}: no such {type.Name} resource", $"'info {type.Name}' shows those there are"),
            _ => throw new LofizoneException(
                $"{command}: {matches.Count} {type.Name} resources match",
                $"name more of the one's properties; 'info {type.Name}' shows them"),
        };
    }
}
