namespace Lofizone.Config.Zonecfg;

/// <summary>The commands set and clear, in the global scope and in a resource's scope.</summary>
internal static class PropertyCommands
{
    public static ZonecfgCommand Set { get; } = new(
        "set <property>=<value>",
        "Sets a property of the zone, or of the resource being specified. A value with spaces or one of = ; # , ( ) [ ]\nstands in "
        + "double quotes. An empty value clears a property that is optional.",
        (editor, statement) => Apply(editor, statement.Properties[0].Key, statement.Properties[0].Value))
    {
        MinProperties = 1,
        MaxProperties = 1,
    };

    public static ZonecfgCommand Clear { get; } = new(
        "clear <property>",
        "Takes back the value of an optional property.",
        (editor, statement) => Apply(editor, statement.Operands[0], ""))
    {
        MinOperands = 1,
        MaxOperands = 1,
    };

    /// <summary>A resource's values with one more value set, or cleared when the new value is empty.</summary>
    public static ResourceScope With(ResourceScope scope, string name, string value)
    {
        Property property = scope.Type.Property(name);
        if (value.Length > 0)
            return scope with { Values = scope.Values.SetItem(name, property.Read(value, scope.Type.Name + ": ")) };
        if (property.Required)
            throw new LofizoneException($"{scope.Type.Name}: {name}: a required property needs a value");
        return scope with { Values = property.Default is { } standard ? scope.Values.SetItem(name, standard) : scope.Values.Remove(name) };
    }

    private static void Apply(ZonecfgEditor editor, string name, string value)
    {
        if (editor.Scope is { } scope)
        {
            Property property = scope.Type.Property(name);
            ResourceScope next = With(scope, name, value);
            if (value.Length > 0 && property.Kind.Told(value, editor.Zone) is { } told)
                editor.Io.Out.WriteLine(told);
            editor.Scope = next;
            return;
        }

        GlobalProperty global = GlobalProperties.Find(name);
        if (global == GlobalProperties.ZoneNameProperty && value.Length > 0)
        {
            editor.Rename(value);
            return;
        }

        if (value.Length == 0)
        {
            if (global.Clear is null)
                throw new LofizoneException($"{name}: a required property needs a value");
            editor.Change(global.Clear(editor.Current!));
            return;
        }

        (ZoneConfig config, string? problem) = global.Set(editor.Current!, value, editor.Brands);
        if (problem is not null)
            throw new LofizoneException($"{name}: {problem}");
        editor.Change(config);
    }
}
